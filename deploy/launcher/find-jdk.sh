# Sourced by the launcher and by ./verify: finds a JDK or JRE of at least 25.
# Sets JAVA_HOME, or says what is missing and fails with status 4.

java_release() {
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

is_new_enough() {
    [ -x "$1/bin/java" ] && [ "$(java_release "$1")" -ge 25 ] 2>/dev/null
}

find_jdk() {
    if [ -n "${JAVA_HOME:-}" ] && is_new_enough "$JAVA_HOME"; then
        return 0
    fi
    found=
    for candidate in /usr/lib/jvm/* /opt/jdk* /opt/java/*; do
        if is_new_enough "$candidate" \
            && { [ -z "$found" ] || [ "$(java_release "$candidate")" -gt "$(java_release "$found")" ]; }; then
            found=$candidate
        fi
    done
    if [ -z "$found" ] && command -v java >/dev/null 2>&1; then
        onpath=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
        if is_new_enough "$onpath"; then
            found=$onpath
        fi
    fi
    if [ -z "$found" ]; then
        echo "culvert: no JDK 25 in JAVA_HOME, /usr/lib/jvm or PATH: install one, such as with \`apt-get install openjdk-25-jdk-headless\`, or set JAVA_HOME" >&2
        return 4
    fi
    JAVA_HOME=$found
    export JAVA_HOME
}
