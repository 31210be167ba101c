// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Why a VM entry failed: going through the rules, and saying it.
 *
 * The rules are in vmx_check_ctl.c (controls and host state), vmx_check_seg.c
 * (guest segments) and vmx_check_guest.c (the rest). The sentence is put
 * together here by hand, since a pure room has no printf: names, hexadecimal
 * numbers and texts, cut at the end of the buffer.
 */
#include "vmx_check.h"
#include "vmx_check_rules.h"

#define VMX_CHECK_NAME(name) { VMCS_##name, #name },
const struct vmx_check_field vmx_check_field[VMXF_COUNT] = {
	VMX_CHECK_FIELDS(VMX_CHECK_NAME)
};

static const struct vmx_rule_set *const sets[] = {
	&vmx_control_rules,
	&vmx_host_rules,
	&vmx_guest_cr_rules,
	&vmx_guest_seg_rules,
	&vmx_guest_rules,
};

static void blame(const struct vmx_state *s, const struct vmx_rule *r,
		  unsigned int n, struct vmx_violation *violation)
{
	*violation = (struct vmx_violation) {
		.field = vmx_check_field[r->field].name,
		.value = s->v[r->field],
		.text = r->text,
		.rule = n,
	};
	if (r->other != VMXF_NONE) {
		violation->other = vmx_check_field[r->other].name;
		violation->other_value = s->v[r->other];
	}
}

bool vmx_check(const struct vmx_state *s, struct vmx_violation *violation)
{
	unsigned int i, j, n = 0;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		for (j = 0; j < sets[i]->count; j++, n++) {
			const struct vmx_rule *r = &sets[i]->rule[j];

			if (r->kept ? r->kept(s) : r->kept_for(s, r->arg))
				continue;
			blame(s, r, n, violation);
			return true;
		}
	}
	return false;
}

unsigned int vmx_check_rules(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(sets); i++)
		n += sets[i]->count;
	return n;
}

/* A cursor that stops one short of the end, for the NUL. */
struct out {
	char *buf;
	size_t left;
	size_t length;
};

static void put_char(struct out *o, char c)
{
	if (!o->left)
		return;
	o->left--;
	o->buf[o->length++] = c;
}

static void put_string(struct out *o, const char *text)
{
	while (*text)
		put_char(o, *text++);
}

static void put_hex(struct out *o, u64 value)
{
	int shift = 60;

	put_string(o, "0x");
	while (shift && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put_char(o, "0123456789abcdef"[value >> shift & 15]);
}

size_t vmx_violation_format(const struct vmx_violation *violation, char *buf,
			    size_t size)
{
	struct out o = { .buf = buf, .left = size ? size - 1 : 0 };

	put_string(&o, violation->field);
	put_string(&o, " is ");
	put_hex(&o, violation->value);
	put_string(&o, ": ");
	put_string(&o, violation->text);
	if (violation->other) {
		put_string(&o, "; ");
		put_string(&o, violation->other);
		put_string(&o, " is ");
		put_hex(&o, violation->other_value);
	}
	if (size)
		buf[o.length] = '\0';
	return o.length;
}
