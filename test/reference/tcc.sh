#!/bin/sh
# A C compiler for netc, tcc: kernels are of plain floats, so that programs for any target run, and options that it does not know
# are left out. It takes a fiftieth of the time that gcc takes.
here=$(dirname "$0") only=false
while [ $# -gt 0 ]; do
    case $1 in
    -c) only=true ;;
    -I*) include=$1 ;;
    -o) shift && out=$1 ;;
    *.c) source=$1 ;;
    *.o | *.a | -l*) parts="$parts $1" ;;
    esac
    shift
done
if [ -n "$source" ]; then
    object=$source.o
    $only && object=$out
    sed 's/{"\(x86-64-v.\)", "x86-64-v.", /{"\1", "generic", /' "$source" >"$source.plain.c" # what it needs
    tcc -w -DNETRT_GENERIC -DNETRT_FOR=for -DNETRT_ROLLED_FOR=for -include "$here/tcc.h" "$include" -c "$source.plain.c" -o "$object" || exit 1
    parts="$object $parts"
fi
# shellcheck disable=SC2086 # names without spaces, of folders that netc makes
$only || tcc -o "$out" $parts "$(cc -print-libgcc-file-name)"
