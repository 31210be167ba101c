// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Disassembly with Zydis, in Intel syntax. No state.
 */
#include "disasm.h"

static void print_bytes(const uint8_t *code, size_t len, FILE *out)
{
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%s%02x", i ? " " : "", code[i]);
}

#ifdef HAVE_ZYDIS
#include <Zydis/Zydis.h>

void disasm_print(const uint8_t *code, size_t len, uint64_t gla, unsigned int bits,
		  unsigned int lines, FILE *out)
{
	ZydisMachineMode mode = bits == 64 ? ZYDIS_MACHINE_MODE_LONG_64 :
				bits == 32 ? ZYDIS_MACHINE_MODE_LEGACY_32 :
					     ZYDIS_MACHINE_MODE_REAL_16;
	ZydisDisassembledInstruction inst;

	while (lines-- && len) {
		ZyanUSize step;

		if (!ZYAN_SUCCESS(ZydisDisassembleIntel(mode, gla, code, len, &inst))) {
			fprintf(out, "    %#llx: ", (unsigned long long)gla);
			print_bytes(code, len < 15 ? len : 15, out);
			fprintf(out, "  (no instruction, or cut off)\n");
			return;
		}
		step = inst.info.length;
		fprintf(out, "    %#llx: %s\n", (unsigned long long)gla, inst.text);
		gla += step;
		code += step;
		len -= step;
	}
}

#else

void disasm_print(const uint8_t *code, size_t len, uint64_t gla, unsigned int bits,
		  unsigned int lines, FILE *out)
{
	(void)lines;
	fprintf(out, "    %#llx: ", (unsigned long long)gla);
	print_bytes(code, len < 32 ? len : 32, out);
	fprintf(out, "  (%u-bit code; built without Zydis)\n", bits);
}

#endif
