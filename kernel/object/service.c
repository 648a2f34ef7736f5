// SPDX-License-Identifier: MIT
/*
 * Protocol servers: /dev/svsm/protocol/N. A call waits in its vCPU's slot, first in the server's
 * queue, then (read by the server) among those taken, until the answer with its id comes. A slot
 * belongs to one vCPU thread; the server's lock guards what both sides touch. Text of calls is
 * copied through buffers of the server, so that nothing of a guest's call waits for a page fault of
 * the service.
 */
#include "kernel/service.h"

#include "kernel/cache.h"
#include "kernel/clock.h"
#include "kernel/devices.h"
#include "kernel/process.h"
#include "kernel/string.h"
#include "kernel/user_copy.h"
#include "kernel/vfs.h"
#include "service_manifest.h"
#include "svcabi/svcabi.h"

#define DEFAULT_SLICE_NS  2000000ULL      /* 2 ms */
#define DEFAULT_BUDGET_NS 600000000000ULL /* 10 min: RSA keys under emulation */

enum slot_state {
	SLOT_IDLE,
	SLOT_QUEUED,   /* no server has read it */
	SLOT_TAKEN,    /* a server works on it */
	SLOT_ANSWERED, /* the answer is in `answer` and `buffer` */
	SLOT_DROPPED,  /* the server went away */
};

struct service_slot {
	struct list link; /* queued or taken */
	struct wait_queue answered;
	enum slot_state state;
	uint32_t vcpu;
	uint32_t kind; /* SVC_REQUEST_* */
	uint64_t id;
	uint64_t give_up_ns;
	struct service_call call;
	struct service_answer answer;
	uint8_t buffer[SVC_BUFFER_SIZE];
};

struct server {
	struct spinlock lock;
	bool present;
	uint32_t owner; /* process id */
	struct list queued;
	struct list taken;
	struct wait_queue readable;
	struct mutex transfer; /* for the two below, between threads of the server */
	struct svc_request *request;
	struct svc_response *response;
};

static struct server servers[SERVICE_PROTOCOL_MAX];
static uint64_t last_request_id; /* atomic */
static uint64_t slice_ns = DEFAULT_SLICE_NS;
static uint64_t budget_ns = DEFAULT_BUDGET_NS;

void service_set_limits(uint64_t slice, uint64_t budget)
{
	slice_ns = slice;
	budget_ns = budget;
}

bool service_present(uint32_t protocol)
{
	return protocol < SERVICE_PROTOCOL_MAX && READ_ONCE(servers[protocol].present);
}

/* --- The guest's side -------------------------------------------------------------------- */

enum error service_slot_create(struct service_slot **out, uint32_t vcpu)
{
	struct service_slot *slot = kalloc(sizeof(*slot));

	*out = slot;
	if (slot == NULL)
		return ERR_NO_MEMORY;
	list_init(&slot->link);
	wait_queue_init(&slot->answered);
	slot->vcpu = vcpu;
	return OK;
}

/* Forget the call in a slot: its answer will be stale. */
static void slot_drop(struct service_slot *slot)
{
	struct server *server = &servers[slot->call.protocol];

	if (slot->state == SLOT_IDLE)
		return;
	spin_lock(&server->lock);
	list_remove(&slot->link);
	slot->state = SLOT_IDLE;
	slot->id = 0;
	spin_unlock(&server->lock);
}

void service_slot_destroy(struct service_slot *slot)
{
	slot_drop(slot);
	kfree_secret(slot);
}

static bool same_call(const struct service_slot *slot, uint32_t kind,
		      const struct service_call *call)
{
	return slot->state != SLOT_IDLE && slot->kind == kind &&
	       slot->call.protocol == call->protocol && slot->call.call == call->call &&
	       slot->call.rcx == call->rcx && slot->call.rdx == call->rdx &&
	       slot->call.r8 == call->r8 && slot->call.r9 == call->r9;
}

/* Put a filled slot into its server's queue; false: the server has gone. */
static bool slot_enqueue(struct service_slot *slot)
{
	struct server *server = &servers[slot->call.protocol];
	bool present;

	spin_lock(&server->lock);
	present = server->present;
	if (present) {
		slot->id = __atomic_add_fetch(&last_request_id, 1, __ATOMIC_RELAXED);
		slot->state = SLOT_QUEUED;
		list_add_tail(&server->queued, &slot->link);
	}
	spin_unlock(&server->lock);
	if (present)
		wait_wake_one(&server->readable);
	return present;
}

static enum service_status accept_call(struct service_slot *slot, uint32_t kind,
				       const struct service_call *call, service_fill_fn fill,
				       void *context)
{
	slot_drop(slot);
	if (!service_present(call->protocol))
		return SERVICE_ABSENT;
	if (call->buffer_size > SVC_BUFFER_SIZE ||
	    (call->buffer_size != 0 && fill(context, slot->buffer, call->buffer_size) != OK))
		return SERVICE_BAD_BUFFER;
	slot->call = *call;
	slot->kind = kind;
	slot->give_up_ns = clock_ns() + budget_ns;
	return slot_enqueue(slot) ? SERVICE_PENDING : SERVICE_ABSENT;
}

static bool settled(const struct service_slot *slot)
{
	enum slot_state state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);

	return state == SLOT_ANSWERED || state == SLOT_DROPPED;
}

static enum service_status await_answer(struct service_slot *slot, struct service_answer *answer)
{
	uint64_t deadline = clock_ns() + slice_ns;
	bool answered;

	if (deadline > slot->give_up_ns)
		deadline = slot->give_up_ns;
	(void)!wait_event_until(&slot->answered, settled(slot), deadline);
	if (!settled(slot)) {
		if (clock_ns() < slot->give_up_ns)
			return SERVICE_PENDING;
		slot_drop(slot);
		return SERVICE_FAILED;
	}
	answered = slot->state == SLOT_ANSWERED;
	if (answered)
		*answer = slot->answer;
	slot->state = SLOT_IDLE;
	return answered ? SERVICE_ANSWERED : SERVICE_FAILED;
}

static enum service_status request(struct service_slot *slot, uint32_t kind,
				   const struct service_call *call, service_fill_fn fill,
				   void *context, struct service_answer *answer)
{
	if (call->protocol >= SERVICE_PROTOCOL_MAX)
		return SERVICE_ABSENT;
	if (!same_call(slot, kind, call)) {
		enum service_status status = accept_call(slot, kind, call, fill, context);

		if (status != SERVICE_PENDING)
			return status;
	}
	return await_answer(slot, answer);
}

enum service_status service_request(struct service_slot *slot, const struct service_call *call,
				    service_fill_fn fill, void *context,
				    struct service_answer *answer)
{
	return request(slot, SVC_REQUEST_CALL, call, fill, context, answer);
}

enum service_status service_manifest_request(struct service_slot *slot, uint32_t protocol,
					     uint32_t version, struct service_answer *answer)
{
	const struct service_call call = {.protocol = protocol, .call = version};

	return request(slot, SVC_REQUEST_MANIFEST, &call, NULL, NULL, answer);
}

/* --- The server's side ------------------------------------------------------------------- */

/* Copy the oldest queued call to server->request; false: there is none. `transfer` is held. */
static bool take_request(struct server *server)
{
	struct svc_request *request = server->request;
	struct service_slot *slot = NULL;
	struct list *node;

	spin_lock(&server->lock);
	node = list_pop(&server->queued);
	if (node != NULL) {
		slot = list_entry(node, struct service_slot, link);
		*request = (struct svc_request){
			.id = slot->id,
			.kind = slot->kind,
			.vcpu = slot->vcpu,
			.protocol = slot->call.protocol,
			.call = slot->call.call,
			.rcx = slot->call.rcx,
			.rdx = slot->call.rdx,
			.r8 = slot->call.r8,
			.r9 = slot->call.r9,
			.buffer_size = slot->call.buffer_size,
		};
		memcpy(request->buffer, slot->buffer, slot->call.buffer_size);
		slot->state = SLOT_TAKEN;
		list_add_tail(&server->taken, &slot->link);
	}
	spin_unlock(&server->lock);
	return slot != NULL;
}

static struct service_slot *find_taken(struct server *server, uint64_t id)
{
	struct list *node;

	list_for_each(node, &server->taken)
	{
		struct service_slot *slot = list_entry(node, struct service_slot, link);

		if (slot->id == id)
			return slot;
	}
	return NULL;
}

/* How much a call's answer may carry: its own buffer back, or a manifest. */
static uint32_t answer_room(const struct service_slot *slot)
{
	return slot->kind == SVC_REQUEST_MANIFEST ? SVC_BUFFER_SIZE : slot->call.buffer_size;
}

/* Deliver server->response. `transfer` is held. 0 or -errno. */
static int64_t give_response(struct server *server)
{
	const struct svc_response *response = server->response;
	struct service_slot *slot;
	int64_t result = 0;

	spin_lock(&server->lock);
	slot = find_taken(server, response->id);
	if (slot == NULL) {
		result = -LINUX_ESTALE;
	} else if (response->buffer_size > answer_room(slot)) {
		result = -LINUX_EINVAL;
	} else {
		memcpy(slot->buffer, response->buffer, response->buffer_size);
		slot->answer = (struct service_answer){
			.result = response->result,
			.rcx = response->rcx,
			.rdx = response->rdx,
			.r8 = response->r8,
			.buffer = slot->buffer,
			.buffer_size = response->buffer_size,
		};
		list_remove(&slot->link);
		__atomic_store_n(&slot->state, SLOT_ANSWERED, __ATOMIC_RELEASE);
		wait_wake_all(&slot->answered);
	}
	spin_unlock(&server->lock);
	return result;
}

static void drop_all(struct list *slots)
{
	struct list *node;

	while ((node = list_pop(slots)) != NULL) {
		struct service_slot *slot = list_entry(node, struct service_slot, link);

		__atomic_store_n(&slot->state, SLOT_DROPPED, __ATOMIC_RELEASE);
		wait_wake_all(&slot->answered);
	}
}

static bool try_take(struct server *server)
{
	bool taken;

	mutex_lock(&server->transfer);
	taken = take_request(server);
	if (!taken)
		mutex_unlock(&server->transfer);
	return taken; /* with `transfer` held */
}

static int64_t protocol_read(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	struct server *server = file->object;
	int64_t result = sizeof(*server->request);

	(void)offset;
	if (size < sizeof(*server->request))
		return -LINUX_EINVAL;
	if (file_nonblocking(file)) {
		if (!try_take(server))
			return -LINUX_EAGAIN;
	} else if (wait_event(&server->readable, try_take(server)) != OK) {
		return -LINUX_EINTR;
	}
	/* A service that hands us a bad buffer loses the call; it stays taken until its budget
	 * ends. */
	if (user_copy_out(user, server->request, sizeof(*server->request)) != OK)
		result = -LINUX_EFAULT;
	memory_wipe(server->request, sizeof(*server->request));
	mutex_unlock(&server->transfer);
	return result;
}

static int64_t protocol_write(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	struct server *server = file->object;
	int64_t result = -LINUX_EFAULT;

	(void)offset;
	if (size != sizeof(*server->response))
		return -LINUX_EINVAL;
	mutex_lock(&server->transfer);
	if (user_copy_in(server->response, user, sizeof(*server->response)) == OK)
		result = give_response(server);
	memory_wipe(server->response, sizeof(*server->response));
	mutex_unlock(&server->transfer);
	return result != 0 ? result : (int64_t)size;
}

static int16_t protocol_poll(struct file *file)
{
	struct server *server = file->object;
	bool waiting;

	spin_lock(&server->lock);
	waiting = !list_empty(&server->queued);
	spin_unlock(&server->lock);
	return waiting ? LINUX_POLLIN | LINUX_POLLOUT : LINUX_POLLOUT;
}

static int64_t protocol_open(struct file *file, const struct vfs_device *device)
{
	struct server *server = &servers[device->argument];
	struct svc_request *request_buffer = kalloc(sizeof(*request_buffer));
	struct svc_response *response_buffer = kalloc(sizeof(*response_buffer));
	int64_t result = request_buffer != NULL && response_buffer != NULL ? 0 : -LINUX_ENOMEM;

	spin_lock(&server->lock);
	if (result == 0 && server->present)
		result = -LINUX_EBUSY;
	if (result == 0) {
		server->request = request_buffer;
		server->response = response_buffer;
		server->owner = process_current()->pid;
		WRITE_ONCE(server->present, true);
	}
	spin_unlock(&server->lock);
	if (result != 0) {
		kfree(request_buffer);
		kfree(response_buffer);
		return result;
	}
	file->object = server;
	file->queue = &server->readable;
	return 0;
}

static void protocol_close(struct file *file)
{
	struct server *server = file->object;
	struct svc_request *request_buffer;
	struct svc_response *response_buffer;

	service_manifest_forget((uint32_t)(server - servers));
	spin_lock(&server->lock);
	request_buffer = server->request;
	response_buffer = server->response;
	WRITE_ONCE(server->present, false);
	drop_all(&server->queued);
	drop_all(&server->taken);
	spin_unlock(&server->lock);
	kfree_secret(request_buffer);
	kfree_secret(response_buffer);
}

uint32_t service_protocol_of(uint32_t process)
{
	for (uint32_t i = 0; i < SERVICE_PROTOCOL_MAX; i++)
		if (READ_ONCE(servers[i].present) && servers[i].owner == process)
			return i;
	return SERVICE_PROTOCOL_MAX;
}

static const struct file_operations protocol_operations = {
	.read = protocol_read,
	.write = protocol_write,
	.poll = protocol_poll,
	.close = protocol_close,
};

#define PROTOCOL_DEVICE(n)                                                            \
	{                                                                             \
		.path = "/dev/svsm/protocol/" #n, .operations = &protocol_operations, \
		.open = protocol_open, .argument = (n)                                \
	}

static const struct vfs_device protocol_devices[SERVICE_PROTOCOL_MAX] = {
	PROTOCOL_DEVICE(0), PROTOCOL_DEVICE(1), PROTOCOL_DEVICE(2), PROTOCOL_DEVICE(3),
	PROTOCOL_DEVICE(4), PROTOCOL_DEVICE(5), PROTOCOL_DEVICE(6), PROTOCOL_DEVICE(7),
};

void service_init(void)
{
	for (size_t i = 0; i < SERVICE_PROTOCOL_MAX; i++) {
		spin_init(&servers[i].lock, LOCK_RANK_PROTOCOL);
		list_init(&servers[i].queued);
		list_init(&servers[i].taken);
		wait_queue_init(&servers[i].readable);
		mutex_init(&servers[i].transfer);
	}
	service_manifest_init();
}

enum error service_devices_init(void)
{
	enum error error = OK;

	for (size_t i = 0; i < SERVICE_PROTOCOL_MAX && error == OK; i++)
		error = vfs_add_device(&protocol_devices[i]);
	if (error == OK)
		error = service_manifest_devices_init();
	return error;
}
