// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Timer shell of the device models.
 *
 * An hrtimer cannot be cancelled synchronously under the lock that its
 * callback takes, so update() only moves it and the callback looks again: a
 * callback that comes too early because the deadline moved later finds nothing
 * due and re-arms itself. The callback re-arms by hrtimer_start() like anyone
 * else, because another CPU may have queued the timer while it ran.
 */
#include "compat.h"
#include "timer.h"

static enum hrtimer_restart vdev_timer_fire(struct hrtimer *hrtimer)
{
	struct vdev_timer *t = container_of(hrtimer, struct vdev_timer, hrtimer);
	unsigned long flags;
	u64 now;

	raw_spin_lock_irqsave(&t->lock, flags);
	if (!t->stopped) {
		now = ktime_get_ns() - t->base;
		t->armed = U64_MAX;
		t->earliest = now + VDEV_TIMER_MIN_NS;
		vdev_timer_update(t, t->expire(t->ctx, now));
	}
	raw_spin_unlock_irqrestore(&t->lock, flags);
	return HRTIMER_NORESTART;
}

void vdev_timer_init(struct vdev_timer *t, u64 base, void *ctx,
		     u64 (*expire)(void *ctx, u64 now))
{
	raw_spin_lock_init(&t->lock);
	hrtimer_setup(&t->hrtimer, vdev_timer_fire, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
	t->base = base;
	t->armed = U64_MAX;
	t->earliest = 0;
	t->stopped = false;
	t->ctx = ctx;
	t->expire = expire;
}

void vdev_timer_fini(struct vdev_timer *t)
{
	hrtimer_cancel(&t->hrtimer);
}

void vdev_timer_update(struct vdev_timer *t, u64 deadline)
{
	lockdep_assert_held(&t->lock);
	if (deadline == t->armed)
		return;
	t->armed = deadline;
	if (t->stopped)
		return;
	if (deadline == U64_MAX)
		hrtimer_try_to_cancel(&t->hrtimer);
	else
		hrtimer_start(&t->hrtimer,
			      vdev_timer_ktime(t->base, max(deadline, t->earliest)),
			      HRTIMER_MODE_ABS_HARD);
}

void vdev_timer_stop(struct vdev_timer *t)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&t->lock, flags);
	t->stopped = true;
	hrtimer_try_to_cancel(&t->hrtimer);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}

void vdev_timer_go(struct vdev_timer *t, u64 base)
{
	unsigned long flags;
	u64 deadline;

	raw_spin_lock_irqsave(&t->lock, flags);
	deadline = t->armed;
	t->armed = U64_MAX;
	t->base = base;
	t->earliest = 0;
	t->stopped = false;
	vdev_timer_update(t, deadline);
	raw_spin_unlock_irqrestore(&t->lock, flags);
}
