/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One hrtimer behind one device model: the whole kernel shell of a timer.
 *
 * The lock serialises the model. After each access the caller, still holding
 * the lock, calls vdev_timer_update() with the model's new deadline; when it
 * comes, @expire runs under the lock in hard-interrupt context and answers the
 * next deadline.
 */
#ifndef VMM_HOST_TIMER_H
#define VMM_HOST_TIMER_H

#include <linux/hrtimer.h>
#include <linux/spinlock.h>

/* A guest cannot make the host take timer interrupts closer together. */
#define VDEV_TIMER_MIN_NS	50000

struct vdev_timer {
	raw_spinlock_t lock;
	struct hrtimer hrtimer;
	u64 base;		/* ktime_get_ns() at VM time 0 */
	u64 armed;		/* VM time, U64_MAX: not armed */
	u64 earliest;		/* VM time before which it does not fire again */
	bool stopped;		/* VM time stands still */
	void *ctx;
	u64 (*expire)(void *ctx, u64 now);
};

/* VM time to ktime; what lies beyond ktime's end is its end. */
static inline ktime_t vdev_timer_ktime(u64 base, u64 deadline)
{
	u64 ns = base + deadline;

	return ns < base || ns > KTIME_MAX ? KTIME_MAX : (ktime_t)ns;
}

void vdev_timer_init(struct vdev_timer *t, u64 base, void *ctx,
		     u64 (*expire)(void *ctx, u64 now));
/* May sleep: waits for a running callback. */
void vdev_timer_fini(struct vdev_timer *t);
/*
 * VM time stops: nothing expires until vdev_timer_go(), whose @base is the new
 * ktime_get_ns() at VM time 0.
 */
void vdev_timer_stop(struct vdev_timer *t);
void vdev_timer_go(struct vdev_timer *t, u64 base);
/* t->lock held. @deadline in VM time, U64_MAX: never. */
void vdev_timer_update(struct vdev_timer *t, u64 deadline);

#endif /* VMM_HOST_TIMER_H */
