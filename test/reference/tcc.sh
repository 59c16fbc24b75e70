#!/bin/sh
# A C compiler for netc, tcc: kernels are of plain floats, so that programs for any target run, and options that it does not know
# are left out. It takes a fiftieth of the time that gcc takes. What netc has compiled is kept until it links: one tcc does both, for
# all files. $NETC_AGREE_LIBGCC is where libgcc.a is, where that is known.
here=${0%/*} only=false
while [ $# -gt 0 ]; do
    case $1 in
    -c) only=true ;;
    -I*) include=$1 ;;
    -o) shift && out=$1 ;;
    *.c) sources="$sources $1" ;;
    *.c.o) read -r include <"$1" && sources="$sources ${1%.o}" ;;
    *.a | -l*) parts="$parts $1" ;;
    esac
    shift
done
$only && echo "$include" >"$out" && exit
# shellcheck disable=SC2086 # names without spaces, of folders that netc makes
sed -i 's/{"\(x86-64-v.\)", "x86-64-v.", /{"\1", "generic", /' $sources && # what it needs
    tcc -std=c11 -w -DNETRT_GENERIC -DNETRT_FOR=for -DNETRT_ROLLED_FOR=for -include "$here/tcc.h" "$include" -o "$out" $sources \
        $parts "${NETC_AGREE_LIBGCC:-$(cc -print-libgcc-file-name)}"
