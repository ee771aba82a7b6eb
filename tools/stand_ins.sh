# What a whole machine has and the one that tools/made_up_machine.py makes up has not. Each says what it leaves out.
# Read by bash before the blocks of docs/operations.md.

instead() { echo "(here without $1: $2)"; }

# sudo -u postgres COMMAND
sudo() { shift 2; PGHOST=$MACHINE_SOCKETS PGUSER=postgres "$@"; }

useradd() { instead useradd "everything belongs to $(id -un)"; }

install() {
    local kept=()
    while (($#)); do
        case $1 in -o | -g) shift 2 ;; *) kept+=("$1"); shift ;; esac
    done
    command install "${kept[@]}"
}

systemctl() {
    local verb=$1 unit
    shift
    case $verb in
        daemon-reload | reload) instead "systemctl $verb" "no systemd looks after these units" ;;
        *)
            [ "${1-}" = --now ] && shift
            for unit in "$@"; do $MACHINE_UNIT "$verb" "$unit"; done
            ;;
    esac
}

# The units name places of a whole machine; those of this one are looked at.
systemd-analyze() {
    if ! type -P systemd-analyze >/dev/null; then
        instead systemd-analyze "it is not installed"
        return
    fi
    local unit looked_at=$MACHINE/run/units
    mkdir -p "$looked_at"
    for unit in "${@:2}"; do
        sed "s#=/opt/#=$MACHINE/opt/#" "$unit" >"$looked_at/$(basename "$unit")"
    done
    command systemd-analyze "$1" "$looked_at"/*.service
}

# With a certificate of its own and a port that anybody may open.
nginx() {
    if ! type -P nginx >/dev/null && ! [ -x /usr/sbin/nginx ]; then
        instead nginx "it is not installed"
        return
    fi
    local site=$MACHINE/etc/nginx
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$site/portal.key" -out "$site/portal.pem" \
        -subj /CN=portal.example.org 2>/dev/null
    sed "s#/etc/ssl/#$site/#; s#listen 443#listen 8443#" "$site/conf.d/portal.conf" >"$site/looked-at.conf"
    echo "events {} pid $site/pid; error_log stderr; http { include $site/looked-at.conf; }" >"$site/nginx.conf"
    PATH=$PATH:/usr/sbin command nginx "$1" -c "$site/nginx.conf"
}
