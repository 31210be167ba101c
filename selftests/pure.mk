# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# $(call pure,ROOM): the files of module/ROOM that compile in userspace. io and
# emul are pure throughout; intel has pure files among others, told by name and,
# for the EPT, by not including a kernel header. Needs TOP.

pure_io    := $(wildcard $(TOP)/module/io/*.c)
pure_emul  := $(wildcard $(TOP)/module/emul/*.c)
pure_intel := $(wildcard $(addprefix $(TOP)/module/intel/,\
		vmx_caps.c vmx_intinfo.c vmx_check*.c)) \
	      $(shell grep -LE '\#include <(linux|asm)/' $(wildcard $(TOP)/module/intel/ept*.c))
pure	   = $(pure_$(1))
