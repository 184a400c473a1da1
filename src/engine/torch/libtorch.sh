#!/usr/bin/env bash
# Puts libtorch 2.4.0 for the CPU into a folder, from the Python package registry alone: libtorch.sh FOLDER
#
# The registry has one build for x86-64 Linux, that with CUDA. Of its 800 MB wheel only the CPU's libraries and the headers are
# kept, beside the two small CUDA libraries that the CPU's one asks for when it is loaded. A folder that is whole is left as it is.
set -euo pipefail

into=${1:?usage: libtorch.sh FOLDER}
wheels=(
  "torch==2.4.0 --hash=sha256:e743adadd8c8152bb8373543964551a7cb7cc20ba898dc8f9c0cdbe47c283de0"
  "nvidia-cuda-runtime-cu12==12.1.105 --hash=sha256:6e258468ddf5796e25f1dc591a31029fa317d97a0a94ed93468fc86301d61e40"
  "nvidia-cuda-cupti-cu12==12.1.105 --hash=sha256:e54fde3983165c624cb79254ae9818a456eb6e87a7fd4d56a2352c24ee542d7e"
)
stamp="$into/whole"
wanted=$(printf '%s\n' "${wheels[@]}" | sha256sum)

if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$wanted" ] && (cd "$into" && tail -n +2 whole | sha256sum --check --quiet); then
  exit 0
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "libtorch.sh: this recipe is for x86-64 Linux; elsewhere install libtorch 2.4 and run: make torch LIBTORCH=<its folder>" >&2
  exit 1
fi
for tool in python3 cc; do
  command -v "$tool" >/dev/null || { echo "libtorch.sh: $tool is missing: install it and run make torch again" >&2; exit 1; }
done

rm -rf "$into"
mkdir -p "$into/lib"
work=$(mktemp -d "$into.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "libtorch.sh: downloading 812 MB into $into (once)" >&2
printf '%s\n' "${wheels[@]}" >"$work/wheels.txt"
python3 -m pip download --quiet --no-deps --require-hashes --only-binary=:all: --python-version 3.11 --implementation cp \
  --abi cp311 --abi none --platform manylinux1_x86_64 --requirement "$work/wheels.txt" --dest "$work"
python3 - "$work" "$into" <<'PYTHON'
import pathlib, re, shutil, sys, zipfile

work, into = map(pathlib.Path, sys.argv[1:])
kept = re.compile(r"torch/include/.*[^/]|torch/lib/(libtorch_cpu\.so|libc10\.so|libgomp-.*\.so\.1)|.*/lib/(libcudart|libcupti)\.so\.12")
for wheel in sorted(work.glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        for name in filter(kept.fullmatch, archive.namelist()):
            path = into / (name.removeprefix("torch/") if name.startswith("torch/include/") else f"lib/{name.rsplit('/', 1)[1]}")
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(path, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
PYTHON
# The linker wants a libtorch.so, which in the wheel only pulls in the others, CUDA's among them.
cc -shared -Wl,-soname,libtorch.so -o "$into/lib/libtorch.so" -x c /dev/null
(cd "$into" && { echo "$wanted"; sha256sum lib/*; }) >"$work/whole"
mv "$work/whole" "$stamp"
du -sh "$into" >&2
