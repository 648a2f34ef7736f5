// SPDX-License-Identifier: MIT
/*
 * Futexes. A waiter enters its bucket before it reads the word, so a waker that changed the word
 * first either finds the waiter or is seen by it; reading user memory needs no lock to be held.
 */
#include "kernel/futex.h"

#include "kernel/linux_abi.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"
#include "kernel/user_copy.h"
#include "kernel/wait.h"

#define BUCKETS 64

struct waiter {
	struct list link;
	const struct vm_map *map;
	uint64_t address;
	uint32_t bits;
	bool woken;
	struct thread *thread;
};

/* One lock for all: it is held for a few instructions, and requeueing needs two lists. */
static struct spinlock futex_lock = SPINLOCK_INIT(LOCK_RANK_FUTEX);
static struct list buckets[BUCKETS];

/* The list of a word, made when first asked for; locked. */
static struct list *bucket_of(const struct vm_map *map, uint64_t address)
{
	uint64_t hash = ((uint64_t)(uintptr_t)map ^ (address >> 2)) * 0x9e3779b97f4a7c15ULL;
	struct list *bucket = &buckets[hash >> 58];

	if (bucket->next == NULL)
		list_init(bucket);
	return bucket;
}

static void enter(struct waiter *waiter)
{
	spin_lock(&futex_lock);
	list_add_tail(bucket_of(waiter->map, waiter->address), &waiter->link);
	spin_unlock(&futex_lock);
}

/* Leave; true when somebody had woken us. */
static bool leave(struct waiter *waiter)
{
	bool woken;

	spin_lock(&futex_lock);
	woken = waiter->woken;
	if (!woken)
		list_remove(&waiter->link);
	spin_unlock(&futex_lock);
	return woken;
}

static int64_t sleep_until_woken(struct waiter *waiter, uint64_t deadline_ns)
{
	enum error error = OK;

	while (!READ_ONCE(waiter->woken) && error == OK)
		error = wait_sleep(deadline_ns);
	if (leave(waiter))
		return 0;
	return error == ERR_TIMEOUT ? -LINUX_ETIMEDOUT : -LINUX_EINTR;
}

int64_t futex_wait(struct vm_map *map, uint64_t address, uint32_t expected, uint32_t bits,
		   uint64_t deadline_ns)
{
	struct waiter waiter = {
		.map = map,
		.address = address,
		.bits = bits,
		.thread = thread_current(),
	};
	uint32_t value;
	enum error error;

	if (bits == 0)
		return -LINUX_EINVAL;
	enter(&waiter);
	error = user_read_u32(address, &value);
	if (error == OK && value == expected)
		return sleep_until_woken(&waiter, deadline_ns);
	if (leave(&waiter))
		return 0;
	if (error != OK)
		return error == ERR_ALIGNMENT ? -LINUX_EINVAL : -LINUX_EFAULT;
	return -LINUX_EAGAIN;
}

static bool matches(const struct waiter *waiter, const struct vm_map *map, uint64_t address,
		    uint32_t bits)
{
	return waiter->map == map && waiter->address == address && (waiter->bits & bits) != 0;
}

/* Locked: the waiter can't go away. */
static void wake_waiter(struct waiter *waiter)
{
	list_remove(&waiter->link);
	__atomic_store_n(&waiter->thread->woken, true, __ATOMIC_RELEASE);
	WRITE_ONCE(waiter->woken, true);
	sched_wake(waiter->thread);
}

static int64_t wake_locked(const struct vm_map *map, uint64_t address, uint32_t count,
			   uint32_t bits)
{
	struct list *bucket = bucket_of(map, address);
	struct list *node, *next;
	int64_t woken = 0;

	list_for_each_safe(node, next, bucket)
	{
		struct waiter *waiter = list_entry(node, struct waiter, link);

		if (woken >= count)
			break;
		if (!matches(waiter, map, address, bits))
			continue;
		wake_waiter(waiter);
		woken++;
	}
	return woken;
}

int64_t futex_wake(struct vm_map *map, uint64_t address, uint32_t count, uint32_t bits)
{
	int64_t woken;

	if (bits == 0 || !IS_ALIGNED(address, 4))
		return -LINUX_EINVAL;
	spin_lock(&futex_lock);
	woken = wake_locked(map, address, count, bits);
	spin_unlock(&futex_lock);
	return woken;
}

/* Let up to `move` waiters of `from` wait for `to`. */
static int64_t move_locked(const struct vm_map *map, uint64_t from, uint64_t to, uint32_t move)
{
	struct list *source = bucket_of(map, from), *target = bucket_of(map, to);
	struct list *node, *next;
	int64_t moved = 0;

	list_for_each_safe(node, next, source)
	{
		struct waiter *waiter = list_entry(node, struct waiter, link);

		if (moved >= move)
			break;
		if (!matches(waiter, map, from, UINT32_MAX))
			continue;
		list_remove(&waiter->link);
		waiter->address = to;
		list_add_tail(target, &waiter->link);
		moved++;
	}
	return moved;
}

int64_t futex_requeue(struct vm_map *map, uint64_t from, uint64_t to, uint32_t count, uint32_t move)
{
	int64_t done;

	if (!IS_ALIGNED(from, 4) || !IS_ALIGNED(to, 4))
		return -LINUX_EINVAL;
	spin_lock(&futex_lock);
	done = wake_locked(map, from, count, UINT32_MAX);
	if (from != to)
		done += move_locked(map, from, to, move);
	spin_unlock(&futex_lock);
	return done;
}
