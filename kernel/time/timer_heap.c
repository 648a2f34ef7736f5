// SPDX-License-Identifier: MIT
/*
 * Pairing heap: insertion O(1), removal O(log n) amortised. A node's children are a list through
 * `sibling`; `back` of the first child is the parent, of the others the previous sibling.
 */
#include "timer_heap.h"

/* Join two heaps, either of which may be NULL; roots have neither sibling nor back. */
static struct timer *meld(struct timer *a, struct timer *b)
{
	struct timer *top = a, *low = b;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	if (b->deadline_ns < a->deadline_ns) {
		top = b;
		low = a;
	}
	low->sibling = top->child;
	low->back = top;
	if (top->child != NULL)
		top->child->back = low;
	top->child = low;
	return top;
}

/* Cut the first of a list of siblings off and make it a heap of its own. */
static struct timer *detach_first(struct timer **list)
{
	struct timer *first = *list;

	if (first == NULL)
		return NULL;
	*list = first->sibling;
	first->sibling = NULL;
	first->back = NULL;
	return first;
}

/* Two passes: meld neighbours pairwise, then the results from the last to the first. */
static struct timer *meld_siblings(struct timer *list)
{
	struct timer *pairs = NULL, *heap = NULL;

	while (list != NULL) {
		struct timer *first = detach_first(&list);
		struct timer *pair = meld(first, detach_first(&list));

		pair->sibling = pairs;
		pairs = pair;
	}
	while (pairs != NULL)
		heap = meld(heap, detach_first(&pairs));
	return heap;
}

void timer_heap_insert(struct timer **root, struct timer *timer)
{
	timer->child = NULL;
	timer->sibling = NULL;
	timer->back = NULL;
	*root = meld(*root, timer);
}

void timer_heap_remove(struct timer **root, struct timer *timer)
{
	struct timer *rest = meld_siblings(timer->child);

	timer->child = NULL;
	if (*root == timer) {
		*root = rest;
		return;
	}
	if (timer->back->child == timer)
		timer->back->child = timer->sibling;
	else
		timer->back->sibling = timer->sibling;
	if (timer->sibling != NULL)
		timer->sibling->back = timer->back;
	timer->sibling = NULL;
	timer->back = NULL;
	*root = meld(*root, rest);
}
