/** A known way out of a container, or to harm the host, and where the tests try it. */
export interface AttackCase {
  readonly what: string
  /** Test files, each with a part of the name of a test there. */
  readonly tests: Readonly<Record<string, string>>
}

const ATTACKS = 'test/e2e/attacks/attacks.test.ts'
const HOSTILE_IMAGE = 'test/e2e/isolation/hostile-image.test.ts'
const SWAPPED = 'test/e2e/isolation/swapped-paths.test.ts'
const CHECKLIST = 'test/e2e/isolation/checklist.test.ts'
const LAYERS = 'test/e2e/images/hostile-layers.test.ts'

/** By the numbers that the names of tests have. */
export const ATTACK_CASES: Readonly<Record<string, AttackCase>> = {
  B1: {
    what: 'the binary by /proc/self/exe (CVE-2019-5736)',
    tests: { [HOSTILE_IMAGE]: 'the binary of the host' },
  },
  B2: {
    what: 'a leaked descriptor as working directory or command (CVE-2024-21626)',
    tests: { [ATTACKS]: 'B2:', [HOSTILE_IMAGE]: 'a command whose path leads through /proc/self/fd' },
  },
  B3: {
    what: 'links in the place of /proc, /dev, /etc, /dev/null (CVE-2025-31133, -52565, -52881)',
    tests: {
      'test/e2e/isolation/isolation.test.ts': 'must not reach the host through a link at',
      [HOSTILE_IMAGE]: 'a container whose /dev/null is something else',
    },
  },
  B4: {
    what: 'a path that changes between look and use (CVE-2021-30465)',
    tests: { [SWAPPED]: 'what becomes a device while it is read' },
  },
  B5: {
    what: 'cp: races, programs and libraries of the container (CVE-2018-15664, -2019-14271)',
    tests: { [ATTACKS]: 'B5:', [SWAPPED]: 'stays in the volume when its subpath has become a link' },
  },
  B6: { what: 'names and links of layers', tests: { [LAYERS]: 'a name that climbs out' } },
  B7: { what: 'whiteouts of layers', tests: { [LAYERS]: 'a whiteout through a link' } },
  B8: {
    what: 'devices, setuid and attributes of layers',
    tests: {
      [LAYERS]: 'setuid, devices and a pipe',
      'test/e2e/images/layers.test.ts': 'what a layer says of overlayfs itself',
    },
  },
  B9: {
    what: 'layers that are larger than they say, or than the disk',
    tests: {
      'src/image/registry/client.test.ts': 'more bytes than wanted are refused',
      'test/e2e/engine/full-disk.test.ts': 'that finds so little room, in whatever place',
    },
  },
  B10: {
    what: 'a registry that lies, and asks for what is not its own (CVE-2020-15157)',
    tests: {
      'src/image/registry/client.test.ts': 'a password is not sent in the clear to where a registry points',
      'src/image/registry/endpoint.test.ts': 'another server gets the request without who we are',
    },
  },
  B11: { what: 'users that are none, passwd as a pipe (CVE-2024-40635)', tests: { [ATTACKS]: 'B11:' } },
  B12: {
    what: 'links in what a volume is filled from and at (CVE-2022-23648)',
    tests: { [SWAPPED]: 'is filled from the image beneath its volume' },
  },
  B13: {
    what: 'settings of the kernel',
    tests: { [ATTACKS]: 'B13,', [CHECKLIST]: 'settings of the machine' },
  },
  B14: { what: 'control groups (CVE-2022-0492), their parent', tests: { [ATTACKS]: 'B14:' } },
  B15: { what: 'nodes of devices made by hand', tests: { [ATTACKS]: 'B15,' } },
  B16: {
    what: 'lies by ARP and neighbour discovery (CVE-2020-13401)',
    tests: { 'test/e2e/networks/spoofing.test.ts': 'are who they are, whatever a container says' },
  },
  B17: {
    what: 'addresses and ports of containers, from outside (CVE-2025-54388, -54410)',
    tests: { 'test/e2e/networks/kernel.test.ts': 'the outside does not reach addresses of containers' },
  },
  B18: {
    what: 'ways out of an internal network (CVE-2024-29018), IPv6 that nobody asked for (CVE-2024-32473)',
    tests: {
      'test/e2e/networks/kernel.test.ts': 'but not from an internal network',
      'test/e2e/networks/joined-networks.test.ts':
        'names of the world outside are asked for once a network has a way out',
    },
  },
  B19: {
    what: 'sockets and folders of the engine, by other users (CVE-2020-15257, -2021-41091)',
    tests: { 'test/e2e/engine/other-users.test.ts': 'a user without rights reaches neither' },
  },
  B20: {
    what: 'a service that asks for the host: it is told, not refused',
    tests: { 'src/lint/rules/data.test.ts': "describeRule('ISOLATION_WEAKENED'" },
  },
  B21: {
    what: 'files of Compose that grow without end',
    tests: {
      'src/parser/yaml/parse.test.ts': 'an alias bomb is refused before it costs anything',
      'src/parser/load.test.ts': 'a circle and a missing file are refused',
    },
  },
  B22: { what: 'variables that have programs load something', tests: { [ATTACKS]: 'B22:' } },
  B23: { what: 'names and targets that climb out', tests: { [ATTACKS]: 'B23:' } },
  B24: {
    what: 'other calling conventions',
    tests: {
      [ATTACKS]: 'B24,',
      'src/engine/security/seccomp/default-profile.test.ts': 'kills foreign architectures and refuses x32',
    },
  },
  B25: { what: 'shared keyrings', tests: { [ATTACKS]: 'B25:' } },
  B26: { what: 'nested namespaces (CVE-2022-0185)', tests: { [ATTACKS]: 'B13, B26,' } },
  B27: {
    what: 'a process that joins, looked at (CVE-2016-9962)',
    tests: { 'test/e2e/containers/newcomer.test.ts': 'an exec has nothing of the host' },
  },
  B28: { what: "the caller's terminal (CVE-2017-5226)", tests: { [ATTACKS]: 'B28:' } },
  B29: {
    what: 'what a container says to a terminal',
    tests: { 'src/diagnostics/terminal-text.test.ts': 'cannot act on the terminal' },
  },
  B30: { what: "the kernel's log", tests: { [ATTACKS]: 'B15, B30:' } },
  B31: { what: 'the clock', tests: { [ATTACKS]: 'B26, B31:' } },
  B32: {
    what: 'rights left over (CVE-2022-24769, -36109, -2023-25173)',
    tests: { [CHECKLIST]: 'inherited and ambient capabilities' },
  },
  B33: { what: 'AF_ALG (CVE-2026-31431)', tests: { [ATTACKS]: 'B24, B33:' } },
  B34: { what: 'processes without end', tests: { [ATTACKS]: 'B34:', [CHECKLIST]: '4096' } },
  B35: { what: 'values of sysctls, limits and devices', tests: { [ATTACKS]: 'B35:' } },
  B36: {
    what: 'what others put where the engine writes',
    tests: { 'src/engine/state/folders.test.ts': 'that others can write to are warned of' },
  },
}
