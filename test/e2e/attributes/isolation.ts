import { readFileSync, readlinkSync } from 'node:fs'
import { expect } from 'vitest'
import type { AttributeCase } from './case.ts'

const capabilities = 'grep CapEff /proc/self/status | cut -f2'
const namespace = (name: string): string => `readlink /proc/self/ns/${name}`
const ownNamespace = (name: string): string => `${readlinkSync(`/proc/self/ns/${name}`)}\n`
const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 30 }],
}

/** What a container may do, and which namespaces it shares. */
export const ISOLATION: readonly AttributeCase[] = [
  {
    service: 'names',
    shows: ['hostname', 'domainname'],
    attributes: { hostname: 'box', domainname: 'inner.test' },
    inside: {
      'hostname; cat /etc/hostname /proc/sys/kernel/domainname; echo $HOSTNAME':
        'box\nbox\ninner.test\nbox\n',
    },
  },
  {
    service: 'privileged',
    shows: ['privileged'],
    attributes: { privileged: true },
    inside: {
      'grep Seccomp: /proc/self/status; mkdir /m; mount -t tmpfs x /m && echo mounted':
        'Seccomp:\t0\nmounted\n',
      '[ -s /proc/cmdline ] && [ -w /proc/sys/kernel/domainname ] && echo open': 'open\n',
    },
  },
  {
    service: 'capabilities',
    shows: ['cap_add', 'cap_drop'],
    attributes: { cap_drop: ['ALL'], cap_add: ['NET_ADMIN', 'CAP_CHOWN'] },
    inside: { [capabilities]: '0000000000001001\n' },
  },
  {
    service: 'seccomp',
    shows: ['security_opt'],
    attributes: { security_opt: ['seccomp=profile.json', 'no-new-privileges:true'] },
    files: { 'profile.json': JSON.stringify(PROFILE) },
    inside: {
      'mkdir /x': /Read-only file system/,
      'grep -E "NoNewPrivs|Seccomp:" /proc/self/status': 'NoNewPrivs:\t1\nSeccomp:\t2\n',
    },
  },
  {
    service: 'unconfined',
    shows: ['security_opt'],
    attributes: {
      security_opt: ['seccomp:unconfined', 'systempaths=unconfined', 'apparmor=unconfined', 'label=disable'],
    },
    inside: {
      'grep Seccomp: /proc/self/status; mount | grep -c " /proc/"': 'Seccomp:\t0\n0\n',
    },
  },
  {
    service: 'readonly',
    shows: ['read_only'],
    attributes: { read_only: true, tmpfs: '/tmp' },
    inside: { 'touch /x 2>/dev/null || echo refused; touch /tmp/x && echo made': 'refused\nmade\n' },
  },
  {
    service: 'sysctls',
    shows: ['sysctls'],
    attributes: { sysctls: { 'net.core.somaxconn': 99, 'kernel.msgmax': '4096' } },
    inside: { 'cat /proc/sys/net/core/somaxconn /proc/sys/kernel/msgmax': '99\n4096\n' },
    host: () => expect(readFileSync('/proc/sys/kernel/msgmax', 'utf8')).not.toBe('4096\n'),
  },
  {
    service: 'ulimits',
    shows: ['ulimits.*.soft', 'ulimits.*.hard'],
    attributes: { ulimits: { nofile: { soft: 20, hard: 200 }, core: 0, nproc: 3333 } },
    inside: {
      'ulimit -Sn; ulimit -Hn; ulimit -c; grep -c "processes  *3333 " /proc/self/limits': '20\n200\n0\n1\n',
    },
  },
  {
    service: 'devices',
    shows: ['devices.source', 'devices.target', 'devices.permissions'],
    attributes: {
      devices: [{ source: '/dev/zero', target: '/dev/given', permissions: 'r' }, '/dev/full:/dev/short:rw'],
    },
    inside: {
      'head -c2 /dev/given | wc -c; ls /dev/short': '2\n/dev/short\n',
      // A node of a device that was not given can be made and not be opened.
      'mknod /tmp/kmsg c 1 11; cat /tmp/kmsg': /not permitted/,
    },
  },
  {
    service: 'rules',
    shows: ['device_cgroup_rules'],
    attributes: { device_cgroup_rules: ['c 10:229 r'] },
    inside: {
      // Whether there is such a device matters less than who says no.
      'mknod /tmp/fuse c 10 229; (: < /tmp/fuse) 2>&1 | grep -c "not permitted"': '0\n',
      '(: > /tmp/fuse) 2>&1 | grep -c "not permitted"': '1\n',
    },
  },
  {
    service: 'ipc-host',
    shows: ['ipc'],
    attributes: { ipc: 'host' },
    inside: { [namespace('ipc')]: ownNamespace('ipc') },
  },
  {
    service: 'ipc-none',
    shows: ['ipc'],
    attributes: { ipc: 'none' },
    inside: { '[ -e /dev/shm ] || echo none': 'none\n' },
  },
  {
    service: 'joined',
    shows: ['ipc', 'pid'],
    attributes: { ipc: 'service:donor', pid: 'service:donor' },
    beside: { donor: { ipc: 'shareable', command: ['sh', '-c', 'touch /dev/shm/met; exec sleep 1001'] } },
    inside: {
      'until ps | grep -q "[s]leep 1001"; do sleep 0.1; done; ls /dev/shm; ps | grep -c "[s]leep 1001"':
        'met\n1\n',
    },
    host: async ({ inside }) => {
      for (const name of ['ipc', 'pid'])
        expect(await inside('joined', namespace(name))).toBe(await inside('donor', namespace(name)))
    },
  },
  {
    service: 'pid-host',
    shows: ['pid'],
    attributes: { pid: 'host' },
    inside: {
      [namespace('pid')]: ownNamespace('pid'),
      'cat /proc/1/comm': readFileSync('/proc/1/comm', 'utf8'),
    },
  },
  {
    service: 'uts-host',
    shows: ['uts', 'userns_mode'],
    attributes: { uts: 'host', userns_mode: 'host' },
    inside: { [namespace('uts')]: ownNamespace('uts'), [namespace('user')]: ownNamespace('user') },
  },
  {
    service: 'cgroup-host',
    shows: ['cgroup'],
    attributes: { cgroup: 'host' },
    inside: {
      [namespace('cgroup')]: ownNamespace('cgroup'),
      // On v1 its own groups are shown all the same, as with Docker.
      [`[ -e /sys/fs/cgroup/pids ] && cat /sys/fs/cgroup/pids/pids.max || cat /sys/fs/cgroup/$(sed -n 's/^0:://p' /proc/self/cgroup)/pids.max`]:
        '4096\n',
    },
  },
  {
    service: 'cgroup-parent',
    shows: ['cgroup_parent'],
    attributes: { cgroup_parent: '/shop/back' },
    // Below the engine's own groups, and nothing of it shows inside.
    inside: { 'cut -d: -f3 /proc/self/cgroup | sort -u': '/\n' },
    host: async ({ inspect: { Id, State, HostConfig } }) => {
      const places = readFileSync(`/proc/${State.Pid}/cgroup`, 'utf8').trim().split('\n')
      expect(
        places.every(line => /:\/tscompose-[0-9a-f]{6}\/parents\/shop\/back\/[0-9a-f]{64}$/.test(line)),
      ).toBe(true)
      expect(places[0]).toContain(Id)
      expect(HostConfig?.CgroupParent).toBe('/shop/back')
    },
  },
  {
    service: 'cgroup-private',
    shows: ['cgroup'],
    attributes: { cgroup: 'private' },
    inside: { 'cut -d: -f3 /proc/self/cgroup | sort -u': '/\n' },
  },
]
