// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Dirty logs and age maps. See mem_log.h.
 *
 * A fetch clears the leaves' bits and waits for the flush before it takes its
 * answer out of the log: a processor that still has the old translation may
 * write without saying so, but not once the fetch returns.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "vmm.h"

/* Pages taken at a time: a page of bits, of ages eight. */
#define DIRTY_CHUNK	(8 * PAGE_SIZE)
#define AGE_CHUNK	PAGE_SIZE

static struct mem_log *log_at(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 len)
{
	struct mem_log *log;

	lockdep_assert_held(&vm->mem.lock);
	list_for_each_entry(log, &vm->mem.logs, link)
		if (log->kind == kind && gpa >= log->gpa && len <= log->len &&
		    gpa - log->gpa <= log->len - len)
			return log;
	return NULL;
}

bool vm_log_covers(struct vm *vm, u64 gpa, u64 len)
{
	struct mem_log *log;

	lockdep_assert_held(&vm->mem.lock);
	list_for_each_entry(log, &vm->mem.logs, link)
		if (gpa < log->gpa + log->len && log->gpa < gpa + len)
			return true;
	return false;
}

void vm_log_note(struct vm *vm, u64 gpa, int level, bool accessed, bool dirty)
{
	struct mem_log *log;
	u64 from, to;

	lockdep_assert_held(&vm->mem.lock);
	list_for_each_entry(log, &vm->mem.logs, link) {
		if (!(log->kind == LOG_DIRTY ? dirty : accessed))
			continue;
		from = max(gpa, log->gpa);
		to = min(gpa + ept_size(level), log->gpa + log->len);
		if (from < to)
			bitmap_set(log->bits, (from - log->gpa) >> PAGE_SHIFT,
				   (to - from) >> PAGE_SHIFT);
	}
}

/* The host, too, must hear of what the leaf will no longer say. */
static void tell_host(u64 hpa, bool dirty)
{
	struct page *page;

	if (!pfn_valid(PHYS_PFN(hpa)))
		return;
	page = pfn_to_page(PHYS_PFN(hpa));
	if (PageReserved(page) || !page_folio(page)->mapping)
		return;
	if (dirty)
		SetPageDirty(page);
	else
		folio_set_referenced(page_folio(page));
}

static void was_dirty(void *ctx, u64 gpa, u64 hpa, int level)
{
	vm_log_note(ctx, gpa, level, false, true);
	tell_host(hpa, true);
}

static void was_accessed(void *ctx, u64 gpa, u64 hpa, int level)
{
	vm_log_note(ctx, gpa, level, true, false);
	tell_host(hpa, false);
}

static void was_young(void *ctx, u64 gpa, u64 hpa, int level)
{
	vm_log_note(ctx, gpa, level, true, false);
}

bool vm_log_age(struct vm *vm, u64 gpa, u64 end)
{
	if (likely(list_empty(&vm->mem.logs)))
		return ept_age(&vm->mem.ept, gpa, end, true);
	return ept_clear_accessed(&vm->mem.ept, NULL, gpa, end, was_young);
}

static void log_free(struct mem_log *log)
{
	kvfree(log->bits);
	kvfree(log->age);
	kfree(log);
}

static struct mem_log *log_alloc(enum mem_log_kind kind, u64 gpa, u64 len)
{
	struct mem_log *log = kzalloc(sizeof(*log), GFP_KERNEL_ACCOUNT);
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;
	u64 pages = len >> PAGE_SHIFT;

	if (!log)
		return NULL;
	log->kind = kind;
	log->gpa = gpa;
	log->len = len;
	/* A segment may be larger than any allocation: that is the caller's fault. */
	log->bits = kvcalloc(BITS_TO_LONGS(pages), sizeof(long), gfp);
	if (kind == LOG_AGE)
		log->age = kvzalloc(pages, gfp);
	if (log->bits && (kind != LOG_AGE || log->age))
		return log;
	log_free(log);
	return NULL;
}

/* Leaves above 4 KiB go; with the log there they come back small. */
static void drop_huge(struct vm *vm, u64 gpa, u64 end)
{
	struct vm_mem *mem = &vm->mem;
	unsigned int budget;

	while (gpa < end) {
		struct ept_garbage garbage = {};

		spin_lock(&mem->lock);
		for (budget = 1024; gpa < end && budget; budget--) {
			u64 entry, next;
			int level;
			bool found = ept_lookup(&mem->ept, gpa, &entry, &level);

			next = (gpa | (ept_size(level) - 1)) + 1;
			if (found && level > 1)
				ept_unmap(&mem->ept, NULL, &garbage, next - ept_size(level), next);
			gpa = next;
		}
		spin_unlock(&mem->lock);
		vm_reap(vm, &garbage);
		cond_resched();
	}
}

/* The leaves' bits of the range go into its logs, and no processor has them. */
static void collect(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 end)
{
	struct vm_mem *mem = &vm->mem;
	struct ept_garbage garbage = {};

	spin_lock(&mem->lock);
	if (kind == LOG_DIRTY)
		ept_clear_dirty(&mem->ept, &garbage, gpa, end, was_dirty);
	else
		ept_clear_accessed(&mem->ept, &garbage, gpa, end, was_accessed);
	spin_unlock(&mem->lock);
	vm_reap(vm, &garbage);
}

static bool is_segment(struct vm *vm, u64 gpa, u64 len)
{
	const struct memseg *seg = vm_find_memseg(vm, gpa);

	return seg && seg->gpa == gpa && seg->len == len;
}

int vm_log_start(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 len)
{
	struct mem_log *log;
	u64 at, end = gpa + len;
	int error = 0;
	bool found;

	spin_lock(&vm->mem.lock);
	found = is_segment(vm, gpa, len);
	spin_unlock(&vm->mem.lock);
	if (!found)
		return -ENOENT;
	log = log_alloc(kind, gpa, len);
	if (!log)
		return -ENOMEM;
	spin_lock(&vm->mem.lock);
	if (!is_segment(vm, gpa, len))
		error = -ENOENT;
	else if (log_at(vm, kind, gpa, len))
		error = -EEXIST;
	else
		list_add(&log->link, &vm->mem.logs);
	spin_unlock(&vm->mem.lock);
	if (error) {
		log_free(log);
		return error;
	}
	/* From here on no large leaf comes back. */
	drop_huge(vm, gpa, end);
	for (at = gpa; at < end; at += DIRTY_CHUNK * PAGE_SIZE)
		collect(vm, kind, at, min(at + DIRTY_CHUNK * PAGE_SIZE, end));
	spin_lock(&vm->mem.lock);
	log = log_at(vm, kind, gpa, len);
	if (log)
		bitmap_zero(log->bits, len >> PAGE_SHIFT);
	spin_unlock(&vm->mem.lock);
	return 0;
}

int vm_log_stop(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 len)
{
	struct mem_log *log;

	spin_lock(&vm->mem.lock);
	log = log_at(vm, kind, gpa, len);
	if (log && (log->gpa != gpa || log->len != len))
		log = NULL;
	if (log)
		list_del(&log->link);
	spin_unlock(&vm->mem.lock);
	if (!log)
		return -ENOENT;
	log_free(log);
	return 0;
}

void vm_log_drop(struct vm *vm, u64 gpa, u64 len)
{
	struct mem_log *log, *next;
	LIST_HEAD(gone);

	spin_lock(&vm->mem.lock);
	list_for_each_entry_safe(log, next, &vm->mem.logs, link)
		if (log->gpa >= gpa && log->gpa - gpa < len)
			list_move(&log->link, &gone);
	spin_unlock(&vm->mem.lock);
	list_for_each_entry_safe(log, next, &gone, link)
		log_free(log);
}

/* mem.lock held. Bits of @pages pages from @first on move to @buf. */
static void take_bits(struct mem_log *log, u64 first, u64 pages, u8 *buf)
{
	u64 bit = first, end = first + pages;

	memset(buf, 0, DIV_ROUND_UP(pages, 8));
	for_each_set_bit_from(bit, log->bits, end) {
		buf[(bit - first) / 8] |= 1 << (bit - first) % 8;
		__clear_bit(bit, log->bits);
	}
}

static void put_bits_back(struct mem_log *log, u64 first, u64 pages, const u8 *buf)
{
	u64 i;

	for (i = 0; i < pages; i++)
		if (buf[i / 8] & 1 << i % 8)
			__set_bit(first + i, log->bits);
}

/* mem.lock held. One more fetch has passed. */
static void take_ages(struct mem_log *log, u64 first, u64 pages, u8 *buf)
{
	u64 i;

	for (i = 0; i < pages; i++) {
		u8 *age = &log->age[first + i];

		if (__test_and_clear_bit(first + i, log->bits))
			*age = 0;
		else if (*age < U8_MAX)
			++*age;
		buf[i] = *age;
	}
}

/* -ENOENT: the log has gone meanwhile. */
static int fetch_chunk(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 len, u8 *buf,
		       u8 __user *map)
{
	u64 pages = len >> PAGE_SHIFT;
	u64 bytes = kind == LOG_DIRTY ? DIV_ROUND_UP(pages, 8) : pages;
	struct mem_log *log;

	/* Before anything is taken: is there room for it? */
	if (clear_user(map, bytes))
		return -EFAULT;
	collect(vm, kind, gpa, gpa + len);
	spin_lock(&vm->mem.lock);
	log = log_at(vm, kind, gpa, len);
	if (log && kind == LOG_DIRTY)
		take_bits(log, (gpa - log->gpa) >> PAGE_SHIFT, pages, buf);
	else if (log)
		take_ages(log, (gpa - log->gpa) >> PAGE_SHIFT, pages, buf);
	spin_unlock(&vm->mem.lock);
	if (!log)
		return -ENOENT;
	if (!copy_to_user(map, buf, bytes))
		return 0;
	spin_lock(&vm->mem.lock);
	log = kind == LOG_DIRTY ? log_at(vm, kind, gpa, len) : NULL;
	if (log)
		put_bits_back(log, (gpa - log->gpa) >> PAGE_SHIFT, pages, buf);
	spin_unlock(&vm->mem.lock);
	return -EFAULT;
}

int vm_log_fetch(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 len, u8 __user *map)
{
	u64 step = (kind == LOG_DIRTY ? DIRTY_CHUNK : AGE_CHUNK) << PAGE_SHIFT;
	u64 end = gpa + len;
	int error = 0;
	bool found;
	u8 *buf;

	spin_lock(&vm->mem.lock);
	found = log_at(vm, kind, gpa, len);
	spin_unlock(&vm->mem.lock);
	if (!found)
		return -ENOENT;
	buf = (u8 *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	for (; gpa < end && !error; gpa += step) {
		u64 part = min(step, end - gpa);

		error = fetch_chunk(vm, kind, gpa, part, buf, map);
		map += kind == LOG_DIRTY ? (part >> PAGE_SHIFT) / 8 : part >> PAGE_SHIFT;
		if (fatal_signal_pending(current))
			error = -EINTR;
		cond_resched();
	}
	free_page((unsigned long)buf);
	return error;
}
