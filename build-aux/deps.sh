#!/bin/sh
# Licensed under the Apache License, Version 2.0; see LICENSE.
#
# What building, running, testing and linting need, and how to get it.
#
#   deps.sh SET...          install what is missing; silent if nothing is
#   deps.sh --check SET...  only say what is missing, and fail
#   deps.sh --try SET...    install what can be had; who needs the rest skips it by name
#
# SET is build, run, test, peers, browser, soak, bench, bench-peers, fuzz, valgrind, tsan or lint. Installs by apt as
# root (Debian, Ubuntu); elsewhere it says what to install and fails.
set -u

# set, what it is known by, and the package on Debian, Fedora and Alpine. Debian's
# apache2-bin is httpd without the service: nothing is started, no port is taken.
needs='
build  command:cc            gcc              gcc                 gcc
build  header:stdio.h        libc6-dev        glibc-devel         musl-dev
build  command:perl          perl             perl                perl
build  command:apxs          apache2-dev      httpd-devel         apache2-dev
build  header:jansson.h      libjansson-dev   jansson-devel       jansson-dev
run    httpd:                apache2-bin      httpd               apache2
run    module:mod_proxy_http apache2-bin      httpd               apache2-proxy
run    command:curl          curl             curl                curl
test   header:cmocka.h       libcmocka-dev    libcmocka-devel     cmocka-dev
test   command:prove         perl             perl-Test-Harness   perl-utils
test   perl:Test::More       perl             perl-Test-Simple    perl
test   command:clang         clang            clang               clang
test   command:openssl       openssl          openssl             openssl
test   module:mod_http2      apache2-bin      mod_http2           apache2-http2
test   module:mod_ssl        apache2-bin      mod_ssl             apache2-ssl
peers  command:varnishd      varnish          varnish             varnish
peers  command:nginx         nginx-light      nginx-core          nginx
valgrind command:valgrind valgrind          valgrind            valgrind
tsan   command:setarch       util-linux       util-linux          util-linux
soak   command:prlimit       util-linux       util-linux          util-linux-misc
browser command:chromium     chromium         chromium            chromium
browser command:npm          npm              nodejs-npm          npm
bench  command:valgrind      valgrind         valgrind            valgrind
bench  perl:JSON::PP         perl             perl-JSON-PP        perl-utils
bench-peers command:varnishd varnish          varnish             varnish
bench-peers command:nginx    nginx-light      nginx-core          nginx
bench-peers nginx:ngx_http_lua_module libnginx-mod-http-lua nginx-mod-http-lua nginx-mod-http-lua
bench-peers command:npm      npm              nodejs-npm          npm
fuzz   command:clang         clang            clang               clang
fuzz   clang:fuzzer          libclang-rt-dev  compiler-rt         compiler-rt
lint   command:clang-format  clang-format     clang-tools-extra   clang-extra-tools
lint   command:clang-tidy    clang-tidy       clang-tools-extra   clang-extra-tools
lint   command:cppcheck      cppcheck         cppcheck            cppcheck
'

# Asked each time: it may have come with what was just installed.
path_of_apxs()
{
    echo "${APXS:-$(command -v apxs || command -v apxs2)}"
}

have()
{
    case $1 in
    command:apxs) test -n "$(path_of_apxs)" && command -v "$(path_of_apxs)" ;;
    command:*) PATH=$PATH:/usr/sbin command -v "${1#*:}" ;;
    header:*) echo "#include <${1#*:}>" | cc -E -x c - ;;
    nginx:*) test -n "$(find /usr/lib/nginx /usr/lib64/nginx /usr/share/nginx -name "${1#*:}.so" 2>/dev/null)" ;;
    clang:*) echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' |
        clang -fsanitize="${1#*:}" -x c -o /dev/null - ;;
    perl:*) perl -M"${1#*:}" -e 1 ;;
    httpd:) test -f "$(apxsq SBINDIR)/$(apxsq PROGNAME)" ;;
    # Loadable, or built in.
    module:*) test -e "$(apxsq LIBEXECDIR)/${1#*:}.so" ||
        "$(apxsq SBINDIR)/$(apxsq PROGNAME)" -l | grep -q "${1#*:}\.c" ;;
    esac >/dev/null 2>&1
}

apxsq()
{
    "$(path_of_apxs)" -q "$1"
}

# Prints a line "debian fedora alpine" for each thing that is not there.
missing()
{
    echo "$needs" | while read -r in known_by packages; do
        case " $sets " in *" $in "*) have "$known_by" || echo "$packages" ;; esac
    done
}

# The packages of one column, each once.
column()
{
    echo "$lacking" | awk -v n="$1" 'NF && !seen[$n]++ { printf "%s%s", sep, $n; sep = " " }'
}

advise()
{
    cat >&2 <<TEXT
mod_privacy: $1 Install, as root:
  Debian, Ubuntu:  apt-get install $(column 1)
  Fedora, RHEL:    dnf install $(column 2)
  Alpine:          apk add $(column 3)
TEXT
    exit 1
}

# A server that is installed here must not start as a service: policy-rc.d is how
# Debian asks, and is there for as long as the installation takes.
apt_install()
{
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        policy=
    else
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" </dev/null >"$log" 2>&1
    status=$?
    [ -z "$policy" ] || rm -f "$policy"
    return "$status"
}

check=
if [ "${1-}" = --try ]; then
    shift
    "$0" "$@" 2>/dev/null || echo "mod_privacy: not all of $* is here; what is skipped for it is said"
    exit 0
fi
if [ "${1-}" = --check ]; then
    check=yes
    shift
fi
sets=$*
lacking=$(missing)
[ -n "$lacking" ] || exit 0

[ -z "$check" ] || advise "something is missing; on Debian and Ubuntu, root's \`make deps\` brings it."
command -v apt-get >/dev/null || advise "something is missing, and there is no apt here."
[ "$(id -u)" = 0 ] || advise "something is missing, and it takes root to install it."

packages=$(column 1)
echo "mod_privacy: installing $packages"
log=$(mktemp)
# The lists may be absent (a fresh image) or out of date.
# shellcheck disable=SC2086
if ! { apt-cache show $packages >/dev/null 2>&1 && apt_install $packages; } &&
    ! { apt-get -qq update && apt_install $packages; }; then
    cat "$log" >&2
    rm -f "$log"
    advise "apt could not install what is missing."
fi
rm -f "$log"

lacking=$(missing)
[ -z "$lacking" ] || advise "the packages are installed, yet something is not found."
