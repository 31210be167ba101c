# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Targets for people. All that is built lands in build/.

KERNELS	?= 6.1 6.12
PREFIX	?= /usr/local
JOBS	?= $(shell nproc)
RUNNING	:= $(shell uname -r)
VERSION	:= $(shell sed -n 's/^\#define VMM_VERSION[^"]*"\(.*\)"/\1/p' module/*.h module/*.c)

.DEFAULT_GOAL := help
.PHONY: help setup module userspace tests guest demo demo-kernel host check check-full check-debug unit \
	fuzz bench lint install module-install dkms-install clean

help:	## this text
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:	## install and fetch what building and the demo need
	@scripts/setup demo

module: setup	## vmm.ko for each kernel in KERNELS (6.1 6.12)
	@for k in $(KERNELS); do scripts/build-module $$k -s -j$(JOBS) || exit 1; done

userspace: setup	## libvmm, vmrun and vmmctl
	@$(MAKE) --no-print-directory -s -j$(JOBS) -C userspace

tests: setup	## the programs that test the module, without running them
	@$(MAKE) --no-print-directory -s -j$(JOBS) -C selftests/vmm

guest: setup	## the demo guest's image
	@scripts/guest-image

demo: module userspace guest	## boot a Linux guest: a shell on a terminal, else a tour
	@scripts/demo

demo-kernel: module userspace guest	## the same without disk and firmware
	@DEMO_START=kernel scripts/demo

host: module userspace guest	## a shell on the test host, with vmm.ko loaded
	@scripts/testhost --interactive

check:	## all tests that fit half an hour
	@scripts/setup check
	@selftests/run

check-full:	## the whole matrix of kernels, processors and parameters
	@scripts/setup check
	@selftests/run --full

check-debug:	## memory and life cycle on a kernel with KASAN, lockdep and failing allocations
	@scripts/setup debug
	@selftests/run --debug

unit:	## unit tests of the pure rooms and of the userspace programs
	@scripts/setup check
	@$(MAKE) --no-print-directory -C selftests/unit check
	@$(MAKE) --no-print-directory -C selftests/userspace check

fuzz:	## the fuzzers, FUZZ_SECONDS each
	@scripts/setup check
	@$(MAKE) --no-print-directory -C selftests/fuzz check

bench: module userspace	## KVM and vmm side by side in one host: table and chart in build/bench
	@scripts/setup check
	@$(MAKE) --no-print-directory -s -C selftests/perf
	@selftests/perf/run

lint:	## style, layers, headers
	@scripts/check-style && scripts/check-layers && scripts/check-headers

install: module-install	## module for the running kernel, programs, manuals, group vmm
	@$(MAKE) --no-print-directory -s -C userspace install PREFIX=$(PREFIX)
	@install -D -m 644 scripts/packaging/60-vmm.rules $(DESTDIR)/usr/lib/udev/rules.d/60-vmm.rules
	@install -D -m 644 scripts/packaging/vmm.sysusers $(DESTDIR)/usr/lib/sysusers.d/vmm.conf
	@[ -n "$(DESTDIR)" ] || { systemd-sysusers vmm.conf && udevadm control --reload; } || true

module-install:	## module for the running kernel only
	@scripts/build-module $(RUNNING) -s -j$(JOBS)
	@install -D -m 644 build/module-$(RUNNING)/vmm.ko \
		$(DESTDIR)/lib/modules/$(RUNNING)/updates/vmm.ko
	@strip --strip-debug $(DESTDIR)/lib/modules/$(RUNNING)/updates/vmm.ko
	@[ -n "$(DESTDIR)" ] || depmod -a $(RUNNING)

dkms-install:	## module through DKMS, rebuilt with each new kernel
	@command -v dkms >/dev/null || { echo "dkms is not installed: apt-get install dkms"; exit 1; }
	@install -d $(DESTDIR)/usr/src/vmm-$(VERSION)/scripts
	@cp -r Kbuild LICENSE module include $(DESTDIR)/usr/src/vmm-$(VERSION)/
	@cp scripts/kernel-config $(DESTDIR)/usr/src/vmm-$(VERSION)/scripts/
	@sed 's/@VERSION@/$(VERSION)/' scripts/packaging/dkms.conf.in >$(DESTDIR)/usr/src/vmm-$(VERSION)/dkms.conf
	@[ -n "$(DESTDIR)" ] || { dkms add vmm/$(VERSION) && dkms install vmm/$(VERSION); }

clean:	## remove all that was built; fetched kernels stay
	@find build -mindepth 1 -maxdepth 1 ! -name kernels ! -name kselftest ! -name checkpatch -exec rm -rf {} + 2>/dev/null || true
