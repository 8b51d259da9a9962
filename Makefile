# Thin: each target is one line of meaning; the work is in scripts/.
.PHONY: run test dev bench soak lint e2e lighthouse

run:    ; @scripts/run
test:   ; @scripts/test
dev:    ; @scripts/dev
bench:  ; @scripts/bench
soak:   ; @scripts/soak
lint:   ; @scripts/lint
e2e:    ; @scripts/e2e
lighthouse: ; @scripts/lighthouse
