#!/usr/bin/env bash
# Fuzzes one target after the other for so many seconds each, all where none is named: run.sh SECONDS [TARGET...]
# Fails on a finding, when the other targets have had their turn.
set -euo pipefail
cd "$(dirname "$0")"
seconds=$1
shift
work=$(cd ../.. && pwd)/target/fuzz
mkdir -p "$work"
if [ -z "${FUZZ_BIN:-}" ]; then
  cargo build --release --locked --target-dir "$work/build" "${FUZZ_JOBS:--j2}"
  host=$(rustc -vV | sed -n 's/^host: //p')
  FUZZ_BIN=$work/build/$host/release
fi
[ "$seconds" = 0 ] && exit
targets=("$@")
[ $# = 0 ] && for file in src/bin/*.rs; do targets+=("$(basename "$file" .rs)"); done
# A thread of the program has a stack of 2 MB.
ulimit -s 2048

# The most bytes of an input: what takes time is few and long, and what finds is many and short.
longest() { case $1 in swell) echo 600 ;; bio | segment) echo 2048 ;; tar | zip) echo 12000 ;; *) echo 6000 ;; esac; }

failed=()
for target in "${targets[@]}"; do
  corpus=$work/corpus/$target findings=$work/findings/$target log=$work/$target.log
  mkdir -p "$corpus" "$findings" "found/$target"
  options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -max_len="$(longest "$target")" -artifact_prefix="$findings/"
    -print_final_stats=1 -verbosity=1 -seed="${FUZZ_SEED:-7}")
  [ -f "dict/$target.dict" ] && options+=(-dict="dict/$target.dict")
  status=0
  "$FUZZ_BIN/$target" "${options[@]}" "$corpus" "seeds/$target" "found/$target" >"$log" 2>&1 || status=$?
  figure() { sed -n "s/^stat::$1: *//p" "$log" | tail -1; }
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | tr -dc 0-9 || true)
  printf '%-8s %12s executions, coverage %6s, %4s MB at most, %s\n' "$target" "$(figure number_of_executed_units)" "${coverage:-?}" \
    "$(figure peak_rss_mb)" "$([ $status = 0 ] && echo "no finding" || echo "A FINDING: see $log and $findings")"
  [ $status = 0 ] || failed+=("$target")
done
rmdir found/*/ 2>/dev/null || true
[ ${#failed[@]} = 0 ]
