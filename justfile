# The commands of this project; `just` alone lists them.

_default:
    @just --list

# A machine without a disk boots from its volume; --uefi for UEFI, --check to assert and clean up, down to stop.
demo *ARGS:
    hack/demo {{ARGS}}

# Everything that CI runs, or only the named stages.
test *STAGES:
    hack/test {{STAGES}}

# What takes seconds: formatting, lints, generated files, unit tests.
check:
    hack/test format lints generated unit

# Whole lives of hosts in virtual time, with each fault and each stop at each request: minutes.
lifecycles:
    cargo test --locked -p metal-controller lifecycles:: -- --include-ignored

# Ten thousand random lives, each with a seed that no run had before: minutes.
properties:
    IRONBOOT_SEQUENCES=10000 IRONBOOT_FIRST_SEED=$(date +%s)00000 cargo test --locked -p metal-controller lifecycles::random

# The end-to-end tests on the real stack.
e2e:
    hack/test install e2e

# The contract suite on the simulator and on the real Ironic, or only one of them: simulator, ironic.
contract *ARGS:
    hack/contract {{ARGS}}

# The contract suite on the older releases of Ironic, one after the other.
contract-old:
    hack/contract --old

# Writes what is generated: the CRDs and docs/states.md.
generate:
    cargo xtask crds
    cargo xtask states

# A stack to play with: up, down, exec, status, console …
stack *ARGS:
    hack/stack {{ARGS}}
