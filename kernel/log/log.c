/* SPDX-License-Identifier: MIT */
/*
 * A ring of fixed-size lines. A writer takes a line number with one atomic add, fills the slot and
 * publishes it by writing the number last; it never waits, so it may be an NMI handler. The sink is
 * guarded by a flag that nobody waits for: whoever finds it taken leaves his line to the holder.
 */
#include "fmt/fmt.h"
#include "kernel/clock.h"
#include "kernel/log.h"
#include "kernel/string.h"
#include "arch/insn.h"

#define LOG_LINES 128
#define LINE_TEXT (LOG_LINE_MAX + 40)

struct log_line {
	uint64_t number; /* 1 + its number once it is complete; 0 while it is written */
	uint16_t size;
	char text[LINE_TEXT];
};

static struct log_line ring[LOG_LINES];
static uint64_t ring_next; /* number of the next line */
static uint64_t sink_next; /* number of the next line to print; the sink's holder owns it */
static uint32_t sink_taken;
static enum log_level highest_level = LOG_INFO;
static bool panicking;
static void (*log_sink)(const char *text, size_t size);

static const char *const level_names[] = {"error", "warn", "info", "debug"};

/* Copy line `number`; false when it is not complete or no longer there. */
static bool line_copy(uint64_t number, struct log_line *out)
{
	struct log_line *line = &ring[number % LOG_LINES];

	if (__atomic_load_n(&line->number, __ATOMIC_ACQUIRE) != number + 1)
		return false;
	memcpy(out, line, sizeof(*out));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&line->number, __ATOMIC_RELAXED) == number + 1 &&
	       out->size <= LINE_TEXT;
}

/* The oldest line that can still be there. */
static uint64_t oldest(uint64_t from)
{
	uint64_t next = __atomic_load_n(&ring_next, __ATOMIC_ACQUIRE);

	return next > from + LOG_LINES ? next - LOG_LINES : from;
}

static void sink_drain(void)
{
	static struct log_line line; /* the holder's */

	sink_next = oldest(sink_next);
	while (sink_next < __atomic_load_n(&ring_next, __ATOMIC_ACQUIRE)) {
		if (!line_copy(sink_next, &line)) {
			if (sink_next == oldest(sink_next))
				return; /* its writer will come here itself */
			sink_next = oldest(sink_next);
			continue;
		}
		log_sink(line.text, line.size);
		sink_next++;
	}
}

static void sink_run(void)
{
	uint64_t printed;

	do {
		if (__atomic_exchange_n(&sink_taken, 1, __ATOMIC_ACQUIRE) != 0)
			return;
		sink_drain();
		printed = sink_next;
		__atomic_store_n(&sink_taken, 0, __ATOMIC_SEQ_CST);
		/* A line that came after the drain and found the sink taken is ours. */
	} while (__atomic_load_n(&ring[printed % LOG_LINES].number, __ATOMIC_SEQ_CST) ==
		 printed + 1);
}

static size_t format_line(char *out, enum log_level level, const char *format, va_list args)
{
	uint64_t us = clock_ns() / 1000;
	size_t size = fmt_format(out, LINE_TEXT,
				 "[%5llu.%06llu] copra %s: ", (unsigned long long)(us / 1000000),
				 (unsigned long long)(us % 1000000), level_names[level]);

	size += fmt_vformat(out + size, LINE_TEXT - 1 - size, format, args);
	out[size++] = '\n';
	return size;
}

/* Take a line; nobody reads it before line_publish(). */
static struct log_line *line_take(uint64_t *number)
{
	struct log_line *line;

	*number = __atomic_fetch_add(&ring_next, 1, __ATOMIC_ACQ_REL);
	line = &ring[*number % LOG_LINES];
	__atomic_store_n(&line->number, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	return line;
}

static void line_publish(struct log_line *line, uint64_t number)
{
	__atomic_store_n(&line->number, number + 1, __ATOMIC_SEQ_CST);
	if (log_sink == NULL)
		return;
	if (panicking)
		log_sink(line->text, line->size);
	else
		sink_run();
}

void log_vwrite(enum log_level level, const char *format, va_list args)
{
	struct log_line *line;
	uint64_t number;

	if (level > highest_level)
		return;
	line = line_take(&number);
	line->size = (uint16_t)format_line(line->text, level, format, args);
	line_publish(line, number);
}

void log_text(const char *text, size_t size)
{
	struct log_line *line;
	uint64_t number;

	if (size > LINE_TEXT)
		size = LINE_TEXT;
	line = line_take(&number);
	memcpy(line->text, text, size);
	line->size = (uint16_t)size;
	line_publish(line, number);
}

void log_write(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vwrite(level, format, args);
	va_end(args);
}

void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
{
	uint64_t now = clock_ns() / 1000000;
	uint64_t start = __atomic_load_n(&limit->window_start, __ATOMIC_RELAXED);
	va_list args;

	if (now - start >= LOG_LIMIT_WINDOW_MS || start == 0) {
		uint32_t suppressed;

		__atomic_store_n(&limit->window_start, now + (now == 0), __ATOMIC_RELAXED);
		__atomic_store_n(&limit->used, 0, __ATOMIC_RELAXED);
		suppressed = __atomic_exchange_n(&limit->suppressed, 0, __ATOMIC_RELAXED);
		if (suppressed > 0)
			log_write(level, "%u lines like the next were left out", suppressed);
	}
	if (__atomic_fetch_add(&limit->used, 1, __ATOMIC_RELAXED) >= limit->burst) {
		__atomic_fetch_add(&limit->suppressed, 1, __ATOMIC_RELAXED);
		return;
	}
	va_start(args, format);
	log_vwrite(level, format, args);
	va_end(args);
}

void log_set_level(enum log_level level)
{
	highest_level = level;
}

void log_set_sink(void (*sink)(const char *text, size_t size))
{
	log_sink = sink;
}

size_t log_read(uint64_t *cursor, char *buffer, size_t size)
{
	struct log_line line;
	size_t used = 0;

	*cursor = oldest(*cursor);
	while (*cursor < __atomic_load_n(&ring_next, __ATOMIC_ACQUIRE)) {
		if (!line_copy(*cursor, &line)) {
			if (*cursor == oldest(*cursor))
				break;
			*cursor = oldest(*cursor);
			continue;
		}
		if (line.size > size - used)
			break;
		memcpy(buffer + used, line.text, line.size);
		used += line.size;
		(*cursor)++;
	}
	return used;
}

void log_enter_panic(void)
{
	panicking = true;
}
