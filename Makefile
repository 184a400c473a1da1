# The two commands are `make run` and `make test`; `make check` is what CI runs besides them.

CARGO ?= cargo
# Training only: the folder with ner/ and stance/ (see models/README.md), and where checkpoints go.
DATA ?=
WORK ?= target/train
# Corrected sentences to learn from beside the data (demarche import --rows).
EXTRA ?=
EXTRA_ROWS = $(if $(EXTRA),--extra "$(EXTRA)")
# The engine on libtorch: where it lies. Your own, one for GPUs say, is taken by: make torch LIBTORCH=<folder>
LIBTORCH ?= $(CURDIR)/.libtorch
TORCH_ENV = LIBTORCH="$(LIBTORCH)" LIBTORCH_CXX11_ABI=$(or $(LIBTORCH_CXX11_ABI),0) LIBTORCH_BYPASS_VERSION_CHECK=1
# Freed memory is kept at hand for the next step of training, not given back to the system.
train: export MALLOC_MMAP_THRESHOLD_ = 8589934592
train: export MALLOC_TRIM_THRESHOLD_ = 8589934592

.PHONY: run test check fmt clippy doc golden torch test-torch clippy-torch libtorch train clean

run: ## build the release binary and annotate the sample corpus -> annotations.jsonl
	$(CARGO) build --release
	./target/release/demarche annotate corpus/articles -o annotations.jsonl --summary

test: ## all tests, on the shipped models
	$(CARGO) test --release

check: fmt clippy test doc ## everything that must hold at a commit

fmt:
	$(CARGO) fmt --check

clippy:
	$(CARGO) clippy --release --all-targets -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --no-deps --document-private-items

golden: ## write tests/golden/corpus.jsonl anew; review it by its diff
	DEMARCHE_GOLDEN=1 $(CARGO) test --release the_corpus_is_annotated_as_reviewed

libtorch: ## libtorch for the CPU from the Python package registry, once
	@if [ "$(LIBTORCH)" = "$(CURDIR)/.libtorch" ]; then src/engine/torch/libtorch.sh "$(LIBTORCH)"; fi

torch: libtorch ## build demarche with the engine torch in
	$(TORCH_ENV) $(CARGO) build --release --features torch

test-torch: libtorch ## all tests, those of the engine torch among them
	$(TORCH_ENV) $(CARGO) test --release --features torch

clippy-torch: libtorch
	$(TORCH_ENV) $(CARGO) clippy --release --all-targets --features torch -- -D warnings

train: ## train and export the shipped models: make train DATA=<folder> [EXTRA=<corrected rows>] (minutes on a GPU; on two cores days, for the teachers of claims)
	@test -z "$(EXTRA)" || test -f "$(EXTRA)" || { echo "EXTRA=$(EXTRA) is not there: write it by demarche import FORMAT FILES -o gold.jsonl --rows $(EXTRA)"; exit 1; }
	@test -d "$(DATA)/ner" || { echo "make train DATA=<folder that holds ner/ and stance/>"; exit 1; }
	python3 -m venv .venv
	.venv/bin/pip install -q -r models/train/requirements.txt
	.venv/bin/python models/train/train_ner.py --data "$(DATA)" $(EXTRA_ROWS) --out $(WORK)/ner
	.venv/bin/python models/train/train_stance_baseline.py --data "$(DATA)" --out $(WORK)/baseline
	.venv/bin/python models/train/train_teacher.py --data "$(DATA)" --out $(WORK)/teacher
	.venv/bin/python models/train/teach.py --data "$(DATA)" --teacher $(WORK)/teacher/teacher.pt --tagger $(WORK)/ner/tagger.pt --out $(WORK)/taught.jsonl
	.venv/bin/python models/train/train_ner.py --data "$(DATA)" --shape mpnet --rate 6e-5 --epochs 2 $(EXTRA_ROWS) --out $(WORK)/tag-teacher
	.venv/bin/python models/train/teach_tags.py --data "$(DATA)" --teacher $(WORK)/tag-teacher/tagger.pt --out $(WORK)/told_tags.pt
	.venv/bin/python models/train/train_joint.py --data "$(DATA)" --tagger $(WORK)/ner/tagger.pt --taught $(WORK)/taught.jsonl --told-tags $(WORK)/told_tags.pt $(EXTRA_ROWS) --out $(WORK)/joint
	.venv/bin/python models/train/train_joint.py --data "$(DATA)" --tagger $(WORK)/joint/tagger.pt --judge $(WORK)/joint/judge.pt --taught $(WORK)/taught.jsonl --rate 1e-4 $(EXTRA_ROWS) --out $(WORK)/again
	.venv/bin/python models/train/train_relations.py --data "$(DATA)" --tagger $(WORK)/again/tagger.pt --judge $(WORK)/again/judge.pt --out $(WORK)/relations
	.venv/bin/python models/train/train_referring.py --data "$(DATA)" --tagger $(WORK)/again/tagger.pt --judge $(WORK)/relations/judge.pt --taught $(WORK)/taught.jsonl --epochs 6 --part 1 --out $(WORK)/referring
	.venv/bin/python models/train/train_referring.py --data "$(DATA)" --tagger $(WORK)/again/tagger.pt --judge $(WORK)/referring/judge.pt --epochs 3 --rate 1.5e-4 --budget 2048 --part 0.3 --out $(WORK)/first
	.venv/bin/python models/train/train_referring.py --data "$(DATA)" --tagger $(WORK)/again/tagger.pt --judge $(WORK)/referring/judge.pt --epochs 3 --rate 1.5e-4 --budget 2048 --part 0.3 --share 0.6 --seed 11 --onto $(WORK)/first/judge.pt --out $(WORK)/shipped
	.venv/bin/python models/train/calibrate.py --data "$(DATA)" --tagger $(WORK)/again/tagger.pt --judge $(WORK)/shipped/judge.pt
	.venv/bin/python models/train/reliability.py --bins $(WORK)/shipped/reliability.json --out models/reliability.png
	.venv/bin/python models/train/train_claims.py --data "$(DATA)" --teach base --rate 6e-5 --lower 1.5 --epochs 5 --seed 8 --out $(WORK)/claims-first --tell $(WORK)/claims-told.pt
	.venv/bin/python models/train/train_claims.py --data "$(DATA)" --teach base --rate 6e-5 --lower 1.5 --epochs 5 --out $(WORK)/claims-teacher
	.venv/bin/python models/train/widen.py --tagger $(WORK)/again/tagger.pt --judge $(WORK)/shipped/judge.pt --teacher $(WORK)/claims-teacher/claims_teacher.pt --told $(WORK)/claims-told.pt --epochs 11 --out $(WORK)/claims
	.venv/bin/python models/train/references.py --articles "$(DATA)/articles/worldwide.jsonl" --tagger $(WORK)/again/tagger.pt --out models
	.venv/bin/python models/train/outliers.py --tagger $(WORK)/again/tagger.pt --judge $(WORK)/shipped/judge.pt --claims $(WORK)/claims/claims.pt --out $(WORK)/outliers.pt
	.venv/bin/python models/train/export.py --tagger $(WORK)/again/tagger.pt --judge $(WORK)/shipped/judge.pt --claims $(WORK)/claims/claims.pt --outliers $(WORK)/outliers.pt --out models
	.venv/bin/python models/train/reference.py --tagger $(WORK)/again/tagger.pt --judge $(WORK)/shipped/judge.pt --claims $(WORK)/claims/claims.pt --out tests/golden

clean:
	$(CARGO) clean
	rm -f annotations.jsonl annotations.jsonl.*

.PHONY: fuzz
# Which targets (all where none is named), and for how many seconds each.
TARGETS ?=
FUZZ_SECONDS ?= 20
fuzz: ## fuzz every parser for a while: make fuzz, make fuzz FUZZ_SECONDS=1800, make fuzz TARGETS="html xml"
	tests/fuzz/run.sh $(FUZZ_SECONDS) $(TARGETS)

.PHONY: test-outlets
# What pytest is told besides: make test-outlets PYTEST="-k postgres"
PYTEST ?=
test-outlets: ## every export opened by its real consumer: DuckDB, pandas, PostgreSQL and the like
	tests/outlets/setup.sh
	test -x .venv-outlets/bin/python || python3 -m venv .venv-outlets
	.venv-outlets/bin/python -m pip install -q --disable-pip-version-check -r tests/outlets/requirements.txt
	test -n "$(DEMARCHE)" || $(CARGO) build --release
	.venv-outlets/bin/python -m pytest -q -p no:cacheprovider tests/outlets $(PYTEST)
