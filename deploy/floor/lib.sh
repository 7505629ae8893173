# Sourced by the benchmarks, after deploy/lib.sh: tools in C, test classes, medians.
# shellcheck shell=bash

# floor_tools FOLDER TOOL...: compiles tools of this folder.
floor_tools() {
    local folder=$1 tool libraries
    shift
    need gcc
    [[ " $*" != *" srt"* ]] || need srt/srt.h
    for tool in "$@"; do
        libraries=(-lpthread)
        [[ $tool != srt* ]] || libraries+=("-l$(srt_flavour)")
        gcc -O2 -o "$folder/$tool" "$root/deploy/floor/$tool.c" "${libraries[@]}"
    done
}

# The flavour of libsrt that the receiver loads: the OpenSSL one decrypts at twice the cost.
srt_flavour() {
    if has_library libsrt-gnutls.so.1.5; then echo srt-gnutls; else echo srt; fi
}

# test_classes FOLDER: compiles the data plane with its tests; their class path is in $classes then.
test_classes() {
    say "building ..."
    (cd "$root" && mvn -q -B ${MVN_FLAGS:-} -pl proto,data-plane -DskipTests test-compile \
        dependency:build-classpath "-Dmdep.outputFile=$1/classpath" -Dmdep.includeScope=test) >&2
    classes=$root/data-plane/target/test-classes:$root/data-plane/target/classes:$(cat "$1/classpath")
}

# only_test CLASS FLAG...: one test class of the data plane, once, in place of this shell.
only_test() {
    local class=$1
    shift
    need_jdk
    need mvn libsrt
    cd "$root"
    exec mvn -B -ntp ${MVN_FLAGS:-} -pl proto,data-plane test-compile surefire:test "-Dtest=$class" \
        -Dsurefire.failIfNoSpecifiedTests=false -Dsurefire.rerunFailingTestsCount=0 "$@"
}

# Of numbers on standard input, one a line; of several columns, of the first.
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
