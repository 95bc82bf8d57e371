#!/bin/sh
# Makes the two libraries from lazy-reads.c. Needs gcc for both kinds of machine (Debian: gcc-x86-64-linux-gnu, gcc-aarch64-linux-gnu).
set -eu
cd "$(dirname "$0")"
flags='-shared -fPIC -Os -Wall -Wextra -Werror -fno-stack-protector -fno-asynchronous-unwind-tables'
link='-s -Wl,-z,noseparate-code,-z,max-page-size=4096,--build-id=none,--hash-style=gnu'
# Page size on arm64 may be 64 KiB, and a library must not assume less.
x86_64-linux-gnu-gcc $flags $link -o lazy-reads.linux-x64.so lazy-reads.c
aarch64-linux-gnu-gcc $flags -mno-outline-atomics -s -Wl,-z,noseparate-code,--build-id=none,--hash-style=gnu -o lazy-reads.linux-arm64.so lazy-reads.c
