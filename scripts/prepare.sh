# shellcheck shell=bash
# Sourced by ./check and ./demo: the packages that a build needs, and the build.

say() {
    printf '\n== %s\n' "$*"
}

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Packages of the commands and libraries that are not here. The caller names them as kind:what:package.
missing_packages() {
    local entry kind what package
    for entry in "$@"; do
        IFS=: read -r kind what package <<<"$entry"
        case $kind in
        command) command -v "$what" >/dev/null || echo "$package" ;;
        library) pkg-config --exists "$what" 2>/dev/null || echo "$package" ;;
        file) compgen -G "$what" >/dev/null || echo "$package" ;;
        esac
    done
}

# The newest llvm-N-tools that Debian has: FileCheck, not and lit.
llvm_tools_package() {
    local name newest=0
    while read -r name _; do
        name=${name#llvm-}
        name=${name%-tools}
        ((name > newest)) && newest=$name
    done < <(apt-cache search --names-only '^llvm-[0-9]+-tools$')
    ((newest > 0)) && echo "llvm-$newest-tools"
}

build_packages=(
    command:gcc:gcc file:/usr/include/stdlib.h:libc6-dev command:make:make
    command:autoconf:autoconf command:automake:automake command:pkg-config:pkg-config
    command:flex:flex command:bison:bison command:python3:python3
    library:libprotobuf-c:libprotobuf-c-dev command:protoc-c:protobuf-c-compiler
    library:jansson:libjansson-dev library:libjpeg:libjpeg-dev library:libpng:libpng-dev
    library:zlib:zlib1g-dev library:expat:libexpat1-dev file:/usr/share/javascript/chart.js/chart.min.js:libjs-chart.js
    file:/usr/lib/python3/dist-packages/xstatic/pkg/dagre/data/dagre.min.js:python3-xstatic-dagre
)
test_packages=(
    command:clang:clang command:clang-format:clang-format command:valgrind:valgrind command:tcc:tcc
    command:shellcheck:shellcheck command:pyflakes3:pyflakes3 command:strace:strace
    command:qemu-aarch64:qemu-user command:aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu
    file:/usr/aarch64-linux-gnu/include/stdlib.h:libc6-dev-arm64-cross
    command:chromium:chromium command:cmake:cmake command:meson:meson command:ninja:ninja-build
    library:mpi-c:libopenmpi-dev command:mpirun:openmpi-bin library:libmicrohttpd:libmicrohttpd-dev
    library:tree-sitter:libtree-sitter-dev
    file:/usr/lib/python3/dist-packages/numpy:python3-numpy file:/usr/lib/python3/dist-packages/PIL:python3-pil
    file:/usr/lib/python3/dist-packages/pip:python3-pip
    command:curl:curl command:sphinx-build:python3-sphinx command:myst-docutils-html:python3-myst-parser
)

apt_install() {
    local root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "missing packages, and no right to install them; run as root: apt-get install $*"
        root=(sudo)
    fi
    say "installing $*"
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null
}

apt_update() {
    if ((EUID == 0)); then
        apt-get update -q </dev/null
    elif command -v sudo >/dev/null; then
        sudo apt-get update -q </dev/null
    fi
}

# Installs what is missing. $1: build, or test for all that the tests use as well.
install_missing() {
    local wanted=("${build_packages[@]}") missing optional=()
    mapfile -t missing < <(missing_packages "${wanted[@]}")
    if [[ $1 == test ]]; then
        mapfile -t optional < <(missing_packages "${test_packages[@]}")
        compgen -G '/usr/lib/llvm-*/bin/FileCheck' >/dev/null || optional+=(llvm-tools)
    fi
    ((${#missing[@]} + ${#optional[@]} == 0)) && return
    if ! command -v apt-get >/dev/null; then
        ((${#missing[@]} == 0)) || die "this is not Debian; please install what these packages of Debian hold: ${missing[*]}"
        echo "not here, their tests are skipped: ${optional[*]}"
        return
    fi
    apt_update || die "apt-get update failed"
    if [[ " ${optional[*]} " == *" llvm-tools "* ]]; then
        optional=("${optional[@]/#llvm-tools/$(llvm_tools_package)}")
    fi
    ((${#missing[@]} == 0)) || apt_install "${missing[@]}" || die "could not install: ${missing[*]}"
    local package
    for package in "${optional[@]}"; do
        apt_install "$package" || echo "could not install $package: its tests are skipped"
    done
}

# Configures and builds in folder $1 with configure's arguments after it.
build_in() {
    local folder=$1
    shift
    [[ -x configure ]] || autoreconf -fi || die "autoreconf failed"
    mkdir -p "$folder"
    (cd "$folder" && "$OLDPWD/configure" -q "$@" && make -s -j"$(nproc)") || die "the build in $folder failed"
}
