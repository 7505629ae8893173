# Sourced by the scripts beside it: finds JDK 25, installs what is missing, builds what is stale.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

say() { printf '%s\n' "$*" >&2; }

# Prints the home of a JDK 25 or later; JAVA_HOME first, then the places where packages and SDKMAN put them.
find_jdk() {
    local home version
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
        /opt/*jdk*; do
        [ -x "$home/bin/javac" ] && [ -r "$home/release" ] || continue
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
        if [ "${version:-0}" -ge 25 ]; then
            printf '%s\n' "$home"
            return 0
        fi
    done
    return 1
}

need_jdk() {
    jdk=$(find_jdk) || die "no JDK 25 found (looked at JAVA_HOME, /usr/lib/jvm, ~/.sdkman, ~/.jdks, /opt).
Get one, for instance with one of:
  apt-get install temurin-25-jdk      (with the Adoptium repository, https://adoptium.net/installation/linux)
  apt-get install openjdk-25-jdk      (Debian 14 and later)
  sdk install java 25-tem             (with SDKMAN, https://sdkman.io)
or set JAVA_HOME to where it is."
}

# grep reads to the end: with -q it may stop before ldconfig has written all, which then counts as a failure.
has_library() { ldconfig -p 2>/dev/null | grep "$1" >/dev/null; }

# Installs the Debian packages behind what is missing: need THING... with THING a command, a library or a header.
need() {
    local thing missing=() packages=()
    for thing in "$@"; do
        case $thing in
        libsrt) has_library libsrt-gnutls.so.1.5 || has_library libsrt.so.1.5 || missing+=("$thing:libsrt1.5-gnutls") ;;
        redis-server) command -v redis-server >/dev/null || missing+=("$thing:redis-server") ;;
        redis-sentinel) command -v redis-sentinel >/dev/null || missing+=("$thing:redis-sentinel") ;;
        srt-live-transmit) command -v "$thing" >/dev/null || missing+=("$thing:srt-tools") ;;
        gst-launch-1.0) command -v "$thing" >/dev/null && gst-inspect-1.0 --exists srtsink ||
            missing+=("$thing:gstreamer1.0-tools" "srtsink:gstreamer1.0-plugins-bad") ;;
        ip) command -v ip >/dev/null || missing+=("$thing:iproute2") ;;
        mvn) command -v mvn >/dev/null || missing+=("$thing:maven") ;;
        node) command -v node >/dev/null || missing+=("$thing:nodejs") ;;
        npm) command -v npm >/dev/null || missing+=("$thing:npm") ;;
        gcc) command -v gcc >/dev/null || missing+=("$thing:gcc" "C library headers:libc6-dev") ;;
        srt/srt.h) [ -e /usr/include/srt/srt.h ] || missing+=("$thing:libsrt-gnutls-dev") ;;
        *) command -v "$thing" >/dev/null || missing+=("$thing:$thing") ;;
        esac
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    for thing in "${missing[@]}"; do packages+=("${thing#*:}"); done
    local sudo=()
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            sudo=(sudo -n)
        else
            die "${missing[*]%%:*} missing; please run: sudo apt-get install ${packages[*]}"
        fi
    fi
    command -v apt-get >/dev/null || die "${missing[*]%%:*} missing, and there is no apt-get; please install them"
    say "installing ${packages[*]} ..."
    {
        "${sudo[@]}" apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -qq -y --no-install-recommends "${packages[@]}"
    } >/tmp/mirror-apt.$$ 2>&1 || {
        tail -n 20 /tmp/mirror-apt.$$ >&2
        die "apt-get could not install ${packages[*]}"
    }
    rm -f /tmp/mirror-apt.$$
}

jar_of() {
    case $1 in
    proto) printf '%s\n' "$root/proto/target/mirror-proto-0.1.0-SNAPSHOT.jar" ;;
    control-plane) printf '%s\n' "$root/control-plane/target/mirror-control-plane-0.1.0-SNAPSHOT.jar" ;;
    data-plane) printf '%s\n' "$root/data-plane/target/mirror-data-plane-0.1.0-SNAPSHOT.jar" ;;
    deploy) printf '%s\n' "$root/deploy/target/mirror-deploy-0.1.0-SNAPSHOT.jar" ;;
    esac
}

# Builds when the last module's jar is missing or older than any source.
need_build() {
    local jar
    jar=$(jar_of deploy)
    if [ -e "$jar" ] && [ -z "$(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main -newer "$jar" -print -quit)" ]; then
        return 0
    fi
    need mvn
    say "building (about a minute; longer when Maven has to download) ..."
    # The gate is deploy/test's work; here only what runs is built.
    (cd "$root" && mvn -q -B -Dmaven.test.skip=true -Dexec.skip -Dcheckstyle.skip -Dforbiddenapis.skip package) >&2 ||
        die "the build failed"
    # Maven leaves a jar alone whose content did not change, however young its sources are.
    touch "$jar"
}

# The flags that every process of ours is started with.
jvm_flags=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+UseCompactObjectHeaders
    -XX:+ExitOnOutOfMemoryError)

# Runs a module's main class in place of this shell: run_java MODULE [FLAG...] -- [ARGUMENT...]
run_java() {
    local module=$1 flags=()
    shift
    while [ "$1" != -- ]; do
        flags+=("$1")
        shift
    done
    shift
    exec "$jdk/bin/java" "${jvm_flags[@]}" "${flags[@]}" -jar "$(jar_of "$module")" "$@"
}
