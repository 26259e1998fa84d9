#!/usr/bin/env bash
# Runs the checks of the kernels with AVX-512 on a processor that has none: a Linux in Bochs, which emulates them.
#
# Usage: [BOCHS=bochs] [KERNEL=/boot/vmlinuz-...] scripts/emulate_avx512.sh [PART-OF-A-CASE'S-NAME]
#
# Runs Tests/KernelCheck, and graph-case-check where .build has it, on the cases with that part in their names (all). Takes
# minutes for the first and an hour for all cases. Bochs has to be built with AVX-512 (./configure --enable-x86-64
# --enable-avx --enable-evex --enable-all-optimizations --with-nogui). Debian: xorriso isolinux syslinux-common
# busybox-static bochsbios vgabios cpio linux-image-cloud-amd64 (or its package unpacked, and KERNEL).
#
# Of the models of Bochs 3.0 only sapphire_rapids announces AVX512_BF16, and on it Linux 6.1 does not start. avx512-bf16 is
# checked where skylake_x was made to announce it, in cpu/cpudb/intel/corei7_skylake-x.cc, leaf 7: EAX is 1 for subleaf 0,
# and 1 << 5 for subleaf 1; elsewhere kernel-check says that the processor has it not.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf 'emulate_avx512: %s\n' "$*" >&2
  exit 1
}

part="${1:-}"
bochs="${BOCHS:-bochs}"
kernel="${KERNEL:-$(ls /boot/vmlinuz-* 2>/dev/null | tail -n 1)}"
for tool in "$bochs" xorriso busybox cpio; do
  command -v "$tool" >/dev/null || fail "$tool is missing; the head of this script tells what is needed"
done
[[ -r $kernel ]] || fail "there is no kernel in /boot; give KERNEL"

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
guest="$folder/guest" image="$folder/image"
mkdir -p "$guest"/{bin,dev,proc,sys,tmp,checks} "$image/isolinux"
cp "$(command -v busybox)" "$guest/bin/"

swift="$(command -v swift)" || fail "swift is not on the PATH"
"$(dirname "$(readlink -f "$swift")")/clang" -std=gnu11 -O2 -static -ISources/CPUKernels/include \
  Sources/CPUKernels/*.c Tests/KernelCheck/main.c -lm -o "$guest/checks/kernel-check"
catalogue=.build/release/graph-case-check
if [[ -x $catalogue ]]; then
  cp "$catalogue" "$guest/checks/"
  ldd "$catalogue" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$guest$(dirname "$library")"
    cp -L "$library" "$guest$library"
  done
fi

cat >"$guest/init" <<END
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
export HOME=/tmp
/bin/busybox grep -m1 'model name' /proc/cpuinfo
cd /checks
for set in avx512-bf16 avx512 avx2 portable; do ./kernel-check \$set 5; done
[ -x graph-case-check ] && ./graph-case-check '$part' 2>&1 | /bin/busybox tail -n 20
echo 'all checks ended'
# Until the serial line is through.
/bin/busybox sleep 3
/bin/busybox poweroff -f
END
chmod +x "$guest/init"
(cd "$guest" && find . | cpio -o -H newc --quiet | gzip -1) >"$image/initrd.gz"
cp "$kernel" "$image/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$image/isolinux/"
cat >"$image/isolinux/isolinux.cfg" <<'END'
default checks
label checks
  kernel /vmlinuz
  append initrd=/initrd.gz console=ttyS0 quiet mitigations=off tsc=reliable random.trust_cpu=on lpj=1000000
END
xorriso -as mkisofs -quiet -o "$folder/guest.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot \
  -boot-load-size 4 -boot-info-table "$image"

serial="$folder/serial"
touch "$serial"
cat >"$folder/bochsrc" <<END
megs: 2048
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
cpu: model=corei7_skylake_x, count=1, ips=100000000, ignore_bad_msrs=1, add_features="avx512bf16"
clock: sync=none
display_library: nogui
ata0-master: type=cdrom, path=$folder/guest.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$serial
log: $folder/log
panic: action=fatal
error: action=ignore
END
tail -f "$serial" --pid=$$ &
"$bochs" -q -f "$folder/bochsrc" >/dev/null 2>&1 || true
sleep 1
grep -q 'all checks ended' "$serial" || fail "the emulation ended early; its log: $(tail -n 3 "$folder/log")"
! grep -qE '[1-9][0-9]* failures' "$serial" || fail "a check failed"
