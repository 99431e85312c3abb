# Sourced by the launcher and by ./verify: finds a JDK or JRE of at least 25.
# Sets JAVA_HOME, or says what is missing and fails with status 4.

# The major version of the JDK in that directory. Sets release; 0 if there is none.
read_release() {
    release=0
    if [ ! -x "$1/bin/java" ] || [ ! -r "$1/release" ]; then
        return 0
    fi
    while IFS= read -r line; do
        case $line in
            JAVA_VERSION=\"[0-9]*)
                line=${line#*\"}
                release=${line%%[!0-9]*}
                return 0
                ;;
        esac
    done <"$1/release"
}

is_new_enough() {
    read_release "$1"
    [ "$release" -ge 25 ]
}

find_jdk() {
    if [ -n "${JAVA_HOME:-}" ] && is_new_enough "$JAVA_HOME"; then
        return 0
    fi
    found=
    newest=24
    for candidate in /usr/lib/jvm/* /opt/jdk* /opt/java/*; do
        read_release "$candidate"
        if [ "$release" -gt "$newest" ]; then
            found=$candidate
            newest=$release
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
