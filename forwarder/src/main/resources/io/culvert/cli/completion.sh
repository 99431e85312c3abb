# Completion of culvert for bash, and for zsh by its bashcompinit; printed by `culvert completion`.

# The names of the running gateway's tunnels.
_culvert_tunnels() {
    "${COMP_WORDS[0]}" ${_culvert_socket[@]+"${_culvert_socket[@]}"} -o tunnel show 2>/dev/null |
        while IFS= read -r line; do
            printf '%s\n' "${line%%:*}"
        done
}

_culvert_devices() {
    local path
    for path in /sys/class/net/*; do
        printf '%s\n' "${path##*/}"
    done
}

_culvert_reply() {
    COMPREPLY=($(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}"))
}

_culvert_options() {
    case $1 in
@OPTIONS@
        *) printf '%s\n' @GLOBAL@ ;;
    esac
}

# What follows `culvert tunnel`; $1 is the word before, $2 the number of words behind tunnel, $3 the first of them.
_culvert_tunnel() {
    local keywords='name mode remote local dev key ikey okey seq iseq oseq csum icsum ocsum ttl tos pmtudisc nopmtudisc call_id peer_call_id'
    if [ "$2" -eq 0 ]; then
        _culvert_reply 'add change delete show list prl 6rd help'
        return
    fi
    case $1 in
        mode) _culvert_reply '@MODES@' ;;
        dev) _culvert_reply "$(_culvert_devices)" ;;
        remote | local) _culvert_reply any ;;
        ttl | hoplimit | hlim | tos | tclass | dsfield) _culvert_reply inherit ;;
        key | ikey | okey | 6rd-prefix | 6rd-relay_prefix | prl-default | prl-nodefault | prl-delete | call_id | peer_call_id) ;;
        name) _culvert_reply "$(_culvert_tunnels)" ;;
        *)
            case $3 in
                a | ad | add) _culvert_reply "$keywords" ;;
                p | pr | prl) _culvert_reply 'dev prl-default prl-nodefault prl-delete' ;;
                6 | 6r | 6rd) _culvert_reply 'dev 6rd-prefix 6rd-relay_prefix 6rd-reset' ;;
                *)
                    [ "$2" -gt 1 ] || _culvert_reply "$(_culvert_tunnels)"
                    [ ${#COMPREPLY[@]} -gt 0 ] || _culvert_reply "$keywords"
                    ;;
            esac
            ;;
    esac
}

# What follows `culvert l2tp`; $1 is the word before, $2 the number of words behind l2tp, $3 the first of them.
_culvert_l2tp() {
    if [ "$2" -eq 0 ]; then
        _culvert_reply 'add delete show list help'
        return
    fi
    case $1 in
        encap) _culvert_reply 'ip udp' ;;
        udp_csum | udp6_csum_tx | udp6_csum_rx) _culvert_reply 'on off' ;;
        seq) _culvert_reply 'none send recv both' ;;
        l2spec_type) _culvert_reply 'default none' ;;
        pwtype) _culvert_reply 'eth ppp' ;;
        name | local | remote | tunnel_id | peer_tunnel_id | session_id | peer_session_id | cookie | peer_cookie | udp_[sd]port) ;;
        *)
            if [ "$2" -eq 1 ]; then
                _culvert_reply 'tunnel session'
                return
            fi
            case $3 in
                a | ad | add)
                    if [[ " ${COMP_WORDS[*]} " == *' session '* ]]; then
                        _culvert_reply 'name tunnel_id session_id peer_session_id cookie peer_cookie l2spec_type pwtype seq'
                    else
                        _culvert_reply 'local remote tunnel_id peer_tunnel_id encap udp_sport udp_dport udp_csum udp6_csum_tx udp6_csum_rx'
                    fi
                    ;;
                *) _culvert_reply 'tunnel_id session_id' ;;
            esac
            ;;
    esac
}

# What follows `culvert sa`; $1 is the word before, $2 the number of words behind sa.
_culvert_sa() {
    if [ "$2" -eq 0 ]; then
        _culvert_reply 'add del show'
        return
    fi
    case $1 in
        dev) _culvert_reply "$(_culvert_tunnels)" ;;
        dir) _culvert_reply 'in out' ;;
        key-file | auth-key-file) COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")) ;;
        flag) _culvert_reply 'esn af-unspec' ;;
        limit) _culvert_reply 'time-soft time-hard byte-soft byte-hard packet-soft packet-hard' ;;
        spi | mark | replay-window | aead | enc | auth-trunc | src | dst) ;;
        *) _culvert_reply 'dev dir spi src dst mark aead enc auth-trunc key-file auth-key-file flag replay-window limit' ;;
    esac
}

_culvert() {
    local word current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' first='' i behind=0
    local _culvert_socket
    _culvert_socket=()
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
            --socket | -socket)
                _culvert_socket=(--socket "${COMP_WORDS[i + 1]}")
                ((i++))
                ;;
            -f | -family) ((i++)) ;;
            -*) ;;
            *)
                if [ -z "$command" ]; then
                    command=$word
                else
                    [ "$behind" -gt 0 ] || first=$word
                    ((behind++))
                fi
                ;;
        esac
    done
    case $before in
        -f | -family) _culvert_reply 'inet inet6' && return ;;
        @FILE_OPTIONS@)
            COMPREPLY=($(compgen -f -- "$current"))
            return
            ;;
    esac
    if [[ $current == -* ]]; then
        _culvert_reply "$(_culvert_options "$command")"
        return
    fi
    case $command in
        '') _culvert_reply '@COMMANDS@' ;;
        tunnel | tunl) _culvert_tunnel "$before" "$behind" "$first" ;;
        l2tp) _culvert_l2tp "$before" "$behind" "$first" ;;
        sa) _culvert_sa "$before" "$behind" ;;
        @TUNNEL_COMMANDS@) [ "$behind" -gt 0 ] || _culvert_reply "$(_culvert_tunnels)" ;;
        help) _culvert_reply '@COMMANDS@' ;;
        completion) _culvert_reply 'bash zsh' ;;
        explain)
            case $before in
                dev) _culvert_reply "$(_culvert_devices)" ;;
                tunnel) _culvert_reply "$(_culvert_tunnels)" ;;
                explain) _culvert_reply 'outer inner' ;;
                *) _culvert_reply 'from to ttl tos df udp length ipip sit gre key seq csum inner dev tunnel' ;;
            esac
            ;;
@SUBCOMMANDS@
    esac
}

complete -F _culvert culvert ./culvert
