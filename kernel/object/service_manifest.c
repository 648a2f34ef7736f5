// SPDX-License-Identifier: MIT
/* Attestation manifests of services (/dev/svsm/manifest), and the word to start the guest. */
#include "service_manifest.h"

#include "kernel/cache.h"
#include "kernel/process.h"
#include "kernel/string.h"
#include "kernel/user_copy.h"
#include "kernel/vfs.h"
#include "svcabi/svcabi.h"

struct manifest {
	bool used;
	struct service_manifest head;
	uint8_t *data; /* NULL: made on demand */
};

static struct mutex manifests_lock;
static struct manifest manifests[SERVICE_MANIFEST_MAX];
static struct wait_queue launch_queue = {.lock = SPINLOCK_INIT(LOCK_RANK_WAIT),
					 .waiters = LIST_INIT(launch_queue.waiters)};
static bool launched;

static bool is_named(const struct manifest *manifest, const uint8_t guid[16], uint32_t version)
{
	return manifest->used && manifest->head.version == version &&
	       memcmp(manifest->head.guid, guid, 16) == 0;
}

static struct manifest *find(const uint8_t guid[16], uint32_t version)
{
	for (size_t i = 0; i < SERVICE_MANIFEST_MAX; i++)
		if (is_named(&manifests[i], guid, version))
			return &manifests[i];
	return NULL;
}

/* --- For the guest's side ---------------------------------------------------------------- */

size_t service_manifest_list(struct service_manifest *out, size_t max)
{
	size_t count = 0;

	mutex_lock(&manifests_lock);
	for (size_t i = 0; i < SERVICE_MANIFEST_MAX; i++) {
		if (!manifests[i].used)
			continue;
		if (count < max)
			out[count] = manifests[i].head;
		count++;
	}
	mutex_unlock(&manifests_lock);
	return count;
}

/* Hand out `size` bytes, or say how many there are. */
static enum service_status put_data(uint8_t *out, uint32_t *room, const uint8_t *data,
				    uint32_t size)
{
	bool fits = size <= *room;

	if (fits)
		memcpy(out, data, size);
	*room = size;
	return fits ? SERVICE_ANSWERED : SERVICE_FAILED;
}

enum service_status service_manifest_read(struct service_slot *slot, const uint8_t guid[16],
					  uint32_t version, uint8_t *out, uint32_t *size)
{
	enum service_status status = SERVICE_ABSENT;
	struct service_answer answer;
	uint32_t protocol = SERVICE_PROTOCOL_MAX;
	const struct manifest *manifest;

	mutex_lock(&manifests_lock);
	manifest = find(guid, version);
	if (manifest != NULL && manifest->data != NULL)
		status = put_data(out, size, manifest->data, manifest->head.size);
	else if (manifest != NULL)
		protocol = manifest->head.protocol;
	mutex_unlock(&manifests_lock);
	if (protocol == SERVICE_PROTOCOL_MAX)
		return status;
	status = service_manifest_request(slot, protocol, version, &answer);
	if (status != SERVICE_ANSWERED)
		return status;
	if (answer.result != 0) {
		*size = 0;
		return SERVICE_FAILED;
	}
	return put_data(out, size, answer.buffer, answer.buffer_size);
}

void service_manifest_forget(uint32_t protocol)
{
	mutex_lock(&manifests_lock);
	for (size_t i = 0; i < SERVICE_MANIFEST_MAX; i++) {
		if (!manifests[i].used || manifests[i].head.protocol != protocol)
			continue;
		kfree(manifests[i].data);
		memset(&manifests[i], 0, sizeof(manifests[i]));
	}
	mutex_unlock(&manifests_lock);
}

enum error service_wait_launch(uint64_t deadline_ns)
{
	return wait_event_until(&launch_queue, READ_ONCE(launched), deadline_ns);
}

/* --- The devices ------------------------------------------------------------------------ */

static int64_t store(const struct service_manifest *head, uint8_t *data)
{
	struct manifest *manifest = find(head->guid, head->version);

	for (size_t i = 0; i < SERVICE_MANIFEST_MAX && manifest == NULL; i++)
		if (!manifests[i].used)
			manifest = &manifests[i];
	if (manifest == NULL)
		return -LINUX_ENOSPC;
	/* A manifest is replaced only by who serves the protocol that it belongs to. */
	if (manifest->used && manifest->head.protocol != head->protocol)
		return -LINUX_EBUSY;
	kfree(manifest->data);
	*manifest = (struct manifest){.used = true, .head = *head, .data = data};
	return 0;
}

static int64_t manifest_write(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	struct service_manifest head = {0};
	struct svc_manifest wire;
	uint8_t *data = NULL;
	int64_t result;

	(void)file;
	(void)offset;
	if (size < sizeof(wire))
		return -LINUX_EINVAL;
	if (user_copy_in(&wire, user, sizeof(wire)) != OK)
		return -LINUX_EFAULT;
	head.protocol = service_protocol_of(process_current()->pid);
	if (wire.size > SVC_MANIFEST_MAX || wire.size != size - sizeof(wire) ||
	    head.protocol == SERVICE_PROTOCOL_MAX)
		return -LINUX_EINVAL;
	memcpy(head.guid, wire.guid, sizeof(head.guid));
	head.version = wire.version;
	head.size = wire.size;
	if (wire.size != 0) {
		data = kalloc(wire.size);
		if (data == NULL)
			return -LINUX_ENOMEM;
		if (user_copy_in(data, user + sizeof(wire), wire.size) != OK) {
			kfree(data);
			return -LINUX_EFAULT;
		}
	}
	mutex_lock(&manifests_lock);
	result = store(&head, data);
	mutex_unlock(&manifests_lock);
	if (result != 0)
		kfree(data);
	return result != 0 ? result : (int64_t)size;
}

static int64_t launch_write(struct file *file, uint64_t user, size_t size, uint64_t *offset)
{
	char word[3] = {0};

	(void)file;
	(void)offset;
	if (size < 2 || size > sizeof(word))
		return -LINUX_EINVAL;
	if (user_copy_in(word, user, size) != OK)
		return -LINUX_EFAULT;
	if (word[0] != 'g' || word[1] != 'o' || (size == 3 && word[2] != '\n'))
		return -LINUX_EINVAL;
	WRITE_ONCE(launched, true);
	wait_wake_all(&launch_queue);
	return (int64_t)size;
}

static const struct file_operations manifest_operations = {.write = manifest_write};
static const struct file_operations launch_operations = {.write = launch_write};

static const struct vfs_device devices[] = {
	{.path = "/dev/svsm/manifest", .operations = &manifest_operations},
	{.path = "/dev/svsm/launch", .operations = &launch_operations},
};

void service_manifest_init(void)
{
	mutex_init(&manifests_lock);
}

enum error service_manifest_devices_init(void)
{
	enum error error = OK;

	for (size_t i = 0; i < ARRAY_SIZE(devices) && error == OK; i++)
		error = vfs_add_device(&devices[i]);
	return error;
}
