// What the kernel alone takes for containers: `container COUNT ROOTFS SCRATCH` makes COUNT of them one after the other, with the
// system calls that any engine must make (control groups, clone into all namespaces, overlay, veth into a bridge, pivot_root, exec),
// ends them, and prints the seconds of both. It works in a mount and network namespace of its own. Every failure ends it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_GROUPS = 16, MOST_CONTAINERS = 1000 };

struct bench {
    const char *rootfs;
    const char *scratch;
    int netlink;
    int bridge;
    int group_count;
    char groups[MOST_GROUPS][128];
};

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void find_groups(struct bench *bench) {
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    if (!mounts) die("mountinfo");
    char line[4096], point[128];
    while (bench->group_count < MOST_GROUPS && fgets(line, sizeof line, mounts))
        if (strstr(line, " - cgroup") && sscanf(line, "%*s %*s %*s %*s %127s", point) == 1)
            strcpy(bench->groups[bench->group_count++], point);
    fclose(mounts);
}

static void write_text(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, text, strlen(text)) < 0) die(path);
    close(file);
}

// A cpuset of layout v1 takes nobody before it has processors and memory.
static void fill_cpuset(const char *group, const char *parent, const char *name) {
    char from[256], to[256], text[256];
    snprintf(from, sizeof from, "%s/%s", parent, name);
    snprintf(to, sizeof to, "%s/%s", group, name);
    int file = open(from, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return;
    text[length] = 0;
    write_text(to, text);
}

static void group_path(const struct bench *bench, int group, int at, char *into, size_t size) {
    snprintf(into, size, "%s/tscompose-bare-%d-%d", bench->groups[group], getpid(), at);
}

static void make_groups(const struct bench *bench, int at) {
    for (int group = 0; group < bench->group_count; group++) {
        char path[200];
        group_path(bench, group, at, path, sizeof path);
        if (mkdir(path, 0755)) die(path);
        if (!strstr(path, "cpuset")) continue;
        fill_cpuset(path, bench->groups[group], "cpuset.cpus");
        fill_cpuset(path, bench->groups[group], "cpuset.mems");
    }
}

static void enter_groups(const struct bench *bench, int at, pid_t pid) {
    char text[16];
    snprintf(text, sizeof text, "%d", pid);
    for (int group = 0; group < bench->group_count; group++) {
        char path[200], file[224];
        group_path(bench, group, at, path, sizeof path);
        snprintf(file, sizeof file, "%s/cgroup.procs", path);
        write_text(file, text);
    }
}

static void remove_groups(const struct bench *bench, int at) {
    for (int group = 0; group < bench->group_count; group++) {
        char path[200];
        group_path(bench, group, at, path, sizeof path);
        // Of a process that has been reaped the kernel may still be letting go.
        while (rmdir(path) && errno == EBUSY) usleep(100);
    }
}

struct message {
    struct nlmsghdr header;
    struct ifinfomsg link;
    char attributes[512];
};

static struct rtattr *put(struct message *message, unsigned short type, const void *data, size_t size) {
    struct rtattr *attribute = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->header.nlmsg_len));
    attribute->rta_type = type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(size);
    if (size) memcpy(RTA_DATA(attribute), data, size);
    message->header.nlmsg_len = NLMSG_ALIGN(message->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
    return attribute;
}

static void close_nest(const struct message *message, struct rtattr *nest) {
    nest->rta_len = (unsigned short)((const char *)message + message->header.nlmsg_len - (const char *)nest);
}

static void ask(const struct bench *bench, struct message *message) {
    message->header.nlmsg_type = RTM_NEWLINK;
    message->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    if (send(bench->netlink, message, message->header.nlmsg_len, 0) < 0) die("netlink");
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[1024];
    } answer;
    if (recv(bench->netlink, &answer, sizeof answer, 0) < 0) die("netlink");
    if (answer.error.error) {
        errno = -answer.error.error;
        die("netlink answer");
    }
}

static struct message new_link(void) {
    return (struct message){.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)), .nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL},
                            .link = {.ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP}};
}

static void make_bridge(struct bench *bench) {
    struct message message = new_link();
    put(&message, IFLA_IFNAME, "bare0", 6);
    struct rtattr *info = put(&message, IFLA_LINKINFO, NULL, 0);
    put(&message, IFLA_INFO_KIND, "bridge", 6);
    close_nest(&message, info);
    ask(bench, &message);
    bench->bridge = (int)if_nametoindex("bare0");
}

// One pair: its outer end up on the bridge, its inner end in the container's namespace as eth0.
static void make_veth(const struct bench *bench, int at, pid_t pid) {
    char name[IFNAMSIZ];
    snprintf(name, sizeof name, "bare-%d", at);
    struct message message = new_link();
    put(&message, IFLA_IFNAME, name, strlen(name) + 1);
    put(&message, IFLA_MASTER, &bench->bridge, sizeof bench->bridge);
    struct rtattr *info = put(&message, IFLA_LINKINFO, NULL, 0);
    put(&message, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = put(&message, IFLA_INFO_DATA, NULL, 0);
    const struct ifinfomsg inner = {.ifi_family = AF_UNSPEC};
    struct rtattr *peer = put(&message, VETH_INFO_PEER, &inner, sizeof inner);
    put(&message, IFLA_IFNAME, "eth0", 5);
    put(&message, IFLA_NET_NS_PID, &pid, sizeof pid);
    close_nest(&message, peer);
    close_nest(&message, data);
    close_nest(&message, info);
    ask(bench, &message);
}

static void scratch_path(const struct bench *bench, int at, const char *name, char *into, size_t size) {
    snprintf(into, size, "%s/%d%s", bench->scratch, at, name);
}

static void make_folders(const struct bench *bench, int at) {
    static const char *const names[] = {"", "/upper", "/work", "/merged"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        scratch_path(bench, at, names[i], path, sizeof path);
        if (mkdir(path, 0755)) die(path);
    }
}

// In the container: waits until the outside is done, then its root and its program.
static void become(const struct bench *bench, int at, int go) {
    char upper[4096], work[4096], merged[4096], options[16384], byte;
    scratch_path(bench, at, "/upper", upper, sizeof upper);
    scratch_path(bench, at, "/work", work, sizeof work);
    scratch_path(bench, at, "/merged", merged, sizeof merged);
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s", bench->rootfs, upper, work);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) die("private");
    if (mount("overlay", merged, "overlay", 0, options)) die("overlay");
    if (chdir(merged)) die("chdir");
    if (mkdir("proc", 0755) && errno != EEXIST) die("mkdir proc");
    if (mkdir("dev", 0755) && errno != EEXIST) die("mkdir dev");
    if (mount("proc", "proc", "proc", 0, NULL)) die("proc");
    if (mount("tmpfs", "dev", "tmpfs", 0, NULL)) die("dev");
    if (read(go, &byte, 1) != 1) die("go");
    if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH)) die("pivot_root");
    if (sethostname("bare", 4)) die("hostname");
    execl("/bin/busybox", "sleep", "100000", NULL);
    die("exec");
}

static pid_t start(const struct bench *bench, int at) {
    int go[2], gone[2];
    if (pipe2(go, O_CLOEXEC) || pipe2(gone, O_CLOEXEC)) die("pipe");
    make_groups(bench, at);
    make_folders(bench, at);
    struct clone_args args = {.exit_signal = SIGCHLD,
                              .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP};
    const pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0) die("clone3");
    if (pid == 0) become(bench, at, go[0]);
    enter_groups(bench, at, pid);
    make_veth(bench, at, pid);
    if (write(go[1], "", 1) != 1) die("go");
    close(go[0]);
    close(go[1]);
    // Its end of the second pipe is closed by exec.
    close(gone[1]);
    char byte;
    if (read(gone[0], &byte, 1) != 0) die("exec");
    close(gone[0]);
    return pid;
}

static void end(const struct bench *bench, int at, pid_t pid) {
    int status;
    if (kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid) die("kill");
    remove_groups(bench, at);
}

int main(int argc, char **argv) {
    struct bench bench = {0};
    static pid_t pids[MOST_CONTAINERS];
    const int count = argc == 4 ? atoi(argv[1]) : 0;
    if (count < 1 || count > MOST_CONTAINERS) return 2;
    bench.rootfs = argv[2];
    bench.scratch = argv[3];
    if (unshare(CLONE_NEWNS | CLONE_NEWNET)) die("unshare");
    bench.netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (bench.netlink < 0) die("netlink");
    find_groups(&bench);
    make_bridge(&bench);
    const double begin = now();
    for (int at = 0; at < count; at++) pids[at] = start(&bench, at);
    const double up = now();
    for (int at = 0; at < count; at++) end(&bench, at, pids[at]);
    const double down = now();
    printf("{\"up\": %.6f, \"down\": %.6f}\n", up - begin, down - up);
    return 0;
}
