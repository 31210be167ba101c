/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Hardware task switches, which a processor never does in a guest. Pure: the
 * register block is the caller's, memory is reached by callbacks.
 *
 * The surprising thing: what goes wrong once the new task's registers are
 * loaded is the new task's exception, with the segments that were not loaded
 * yet still those of the old one.
 *
 * SDM volume 3 "Task Switching", "Task-State Segment", "Treatment of Task
 * Switches". Left out: shadow stacks.
 */
#ifndef VMM_EMUL_TASK_H
#define VMM_EMUL_TASK_H

#include "vie.h"

/* As the exit qualification numbers them. */
enum task_source { TASK_CALL, TASK_IRET, TASK_JMP, TASK_GATE };

struct task_switch {
	u16  selector;		/* of the new TSS; the processor has checked it */
	u8   source;		/* enum task_source */
	bool external;		/* an interrupt or exception: EXT in error codes */
	bool has_error;		/* the gate's event pushes @error */
	u32  error;
	u64  return_rip;	/* where the old task goes on */
};

/*
 * Linear memory as the processor reaches descriptors: supervisor, implicit.
 * @regs tells the paging in force, which changes on the way. VIE_OK, VIE_FAULT
 * or VIE_UNKNOWN.
 * @load_cr3	regs->cr3 is new: the PDPTEs with it, under PAE
 */
struct task_ops {
	enum vie_status (*read)(void *ctx, const struct vmm_regs *regs, u64 gla,
				unsigned int size, void *buf, struct vie_fault *fault);
	enum vie_status (*write)(void *ctx, const struct vmm_regs *regs, u64 gla,
				 unsigned int size, const void *buf, struct vie_fault *fault);
	enum vie_status (*load_cr3)(void *ctx, struct vmm_regs *regs, struct vie_fault *fault);
};

/*
 * Switch. Changes GPR, SEG, CR and DR groups. VIE_OK; VIE_FAULT: deliver *fault
 * in the task that @regs now describe; VIE_UNKNOWN: given up, @regs unchanged.
 */
enum vie_status task_switch(struct vmm_regs *regs, const struct task_switch *sw,
			    const struct task_ops *ops, void *ctx, struct vie_fault *fault);

#endif /* VMM_EMUL_TASK_H */
