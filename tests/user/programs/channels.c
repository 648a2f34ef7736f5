/* SPDX-License-Identifier: MIT */
/* socketpair: bytes, messages, handles passed along, the end of the other side. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(2 * sizeof(int))];
};

static long send_handles(int channel, const char *text, const int *handles, size_t count)
{
	union control control;
	struct iovec vectors[2] = {{(void *)(uintptr_t)text, 2},
				   {(void *)(uintptr_t)(text + 2), strlen(text) - 2}};
	struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2};

	if (count != 0) {
		memset(&control, 0, sizeof(control));
		message.msg_control = &control;
		message.msg_controllen = (unsigned int)CMSG_LEN(count * sizeof(int));
		control.header.cmsg_len = (unsigned int)CMSG_LEN(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.header), handles, count * sizeof(int));
	}
	return sendmsg(channel, &message, MSG_NOSIGNAL);
}

/* Prints what came; *handles gets up to two handles, -1 where there is none. */
static void receive(int channel, size_t room, int handles[2])
{
	char text[64] = {0};
	union control control;
	struct iovec vector = {text, room};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	long size = recvmsg(channel, &message, 0);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	handles[0] = handles[1] = -1;
	printf("received %ld '%s', truncated %d\n", size, text,
	       (message.msg_flags & MSG_TRUNC) != 0);
	if (size >= 0 && header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(handles, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
}

static void test_messages(void)
{
	int ends[2], handles[2];

	CALL("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	CALL("send", send_handles(ends[0], "first", NULL, 0));
	CALL("send", send_handles(ends[0], "second", NULL, 0));
	receive(ends[1], 60, handles);
	receive(ends[1], 3, handles);
	CALL("not blocking", fcntl(ends[1], F_SETFL, O_NONBLOCK));
	CALL("nothing left", read(ends[1], handles, 1));
	CALL("back", write(ends[1], "abc", 3));
	receive(ends[0], 60, handles);
	CALL("seek", lseek(ends[0], 0, SEEK_SET));
	close(ends[0]);
	CALL("the end", read(ends[1], handles, 1));
	CALL("nobody there", send_handles(ends[1], "xyz", NULL, 0));
	close(ends[1]);
}

static void test_stream(void)
{
	char text[32] = {0};
	int ends[2];

	CALL("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	CALL("write", write(ends[0], "abcdef", 6));
	CALL("read a part", read(ends[1], text, 4));
	CALL("write more", write(ends[0], "gh", 2));
	CALL("read the rest", read(ends[1], text + 4, 2));
	CALL("and the last", read(ends[1], text + 6, 20));
	printf("text: %s\n", text);
	close(ends[0]);
	close(ends[1]);
}

static void test_handles(void)
{
	int ends[2], pipes[2], handles[2];
	char text[8] = {0};

	CALL("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	CALL("pipe", pipe(pipes));
	CALL("send the pipe", send_handles(ends[0], "pipe", pipes, 2));
	close(pipes[0]);
	close(pipes[1]);
	receive(ends[1], 60, handles);
	FACT("two handles", handles[0] >= 0 && handles[1] >= 0 && handles[0] != handles[1]);
	CALL("write to it", write(handles[1], "through", 7));
	CALL("read from it", read(handles[0], text, 7));
	printf("text: %s\n", text);
	CALL("a bad handle", send_handles(ends[0], "bad", (int[]){99}, 1));
	CALL("send one", send_handles(ends[0], "never read", handles, 1));
	close(handles[0]);
	close(ends[0]);
	close(ends[1]);
	signal(13 /* SIGPIPE */, (void (*)(int))1);
	CALL("its reader went with the channel", write(handles[1], "x", 1));
	close(handles[1]);
}

static void *echo(void *argument)
{
	int channel = (int)(intptr_t)argument;
	char text[512];
	long size;

	while ((size = read(channel, text, sizeof(text))) > 0)
		if (write(channel, text, (size_t)size) != size)
			break;
	return NULL;
}

static void test_echo(void)
{
	char text[512], back[512];
	pthread_t thread;
	int ends[2], good = 0;

	CALL("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	pthread_create(&thread, NULL, echo, (void *)(intptr_t)ends[1]);
	for (size_t i = 0; i < 300; i++) {
		memset(text, (int)i, sizeof(text));
		good += write(ends[0], text, i + 1) == (ssize_t)i + 1 &&
			read(ends[0], back, sizeof(back)) == (ssize_t)i + 1 &&
			memcmp(text, back, i + 1) == 0;
	}
	close(ends[0]);
	pthread_join(thread, NULL);
	printf("%d echoed\n", good);
	close(ends[1]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_messages();
	test_stream();
	test_handles();
	test_echo();
	CALL("other families", socketpair(99, SOCK_STREAM, 0, (int[2]){0}) == -1 ? -2 : 0);
	CALL("sendmsg on a file", send_handles(1, "text", NULL, 0) == -1 ? -2 : 0);
	return 0;
}
