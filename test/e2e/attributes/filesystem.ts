import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { AttributeCase } from './case.ts'

/** The options of a mount as the kernel sees them. */
const options = (target: string): string => `grep " ${target} " /proc/mounts | cut -d" " -f4`
/** The optional fields of mountinfo: to whom mounts below are told. */
const peers = (target: string): string => `grep " ${target} " /proc/self/mountinfo | cut -d" " -f7`

/** What a container sees as its files. */
export const FILESYSTEM: readonly AttributeCase[] = [
  {
    service: 'tmpfs',
    shows: ['tmpfs'],
    attributes: { tmpfs: ['/plain', '/own:size=1m,mode=0700,uid=33,exec'] },
    inside: {
      'stat -c %a /plain; df -k /own | awk "END{print \\$2}"; stat -c "%a %u" /own': '1777\n1024\n700 33\n',
      [options('/plain')]: /nosuid,nodev,noexec/,
      [options('/own')]: /^rw,nosuid,nodev,relatime/,
    },
  },
  {
    service: 'mounts',
    shows: [
      'volumes.type',
      'volumes.source',
      'volumes.target',
      'volumes.read_only',
      'volumes.bind.create_host_path',
      'volumes.tmpfs.size',
      'volumes.tmpfs.mode',
      'volumes.consistency',
    ],
    attributes: {
      volumes: [
        './given:/short:ro',
        {
          type: 'bind',
          source: './given',
          target: '/long',
          read_only: true,
          consistency: 'cached',
          bind: { create_host_path: false },
        },
        { type: 'bind', source: './made', target: '/made', bind: { create_host_path: true } },
        { type: 'tmpfs', target: '/memory', tmpfs: { size: 1048576, mode: 0o710 } },
        { type: 'tmpfs', target: '/long/below' },
        { type: 'volume', target: '/anonymous' },
      ],
    },
    files: { 'given/file': 'of the host\n', 'given/below/file': 'covered' },
    inside: {
      'stat -c %a /long/below; ls /long/below; touch /long/below/x && echo made': '755\nmade\n',
      'cat /short/file /long/file; touch /short/x /long/x 2>/dev/null || echo refused':
        'of the host\nof the host\nrefused\n',
      'df -k /memory | awk "END{print \\$2}"; stat -c %a /memory; touch /anonymous/x && echo made':
        '1024\n710\nmade\n',
      'echo inner > /made/file': '',
    },
    host: ({ sandbox }) => expect(readFileSync(join(sandbox.folder, 'made/file'), 'utf8')).toBe('inner\n'),
  },
  {
    service: 'volumes',
    shows: ['volumes.volume.nocopy', 'volumes.volume.subpath', 'volumes.volume.labels'],
    attributes: {
      volumes: [
        'data:/usr/filled',
        { type: 'volume', source: 'bare', target: '/etc/bare', volume: { nocopy: true } },
        { type: 'volume', source: 'deep', target: '/sub', volume: { subpath: 'a/b' } },
        { type: 'volume', target: '/labelled', volume: { labels: { kind: 'scratch' } } },
      ],
      depends_on: { filler: { condition: 'service_completed_successfully' } },
    },
    beside: {
      filler: {
        command: 'sh -c "mkdir -p /deep/a/b; echo below > /deep/a/b/file; echo kept > /data/file"',
        volumes: ['deep:/deep', 'data:/data'],
      },
    },
    top: { volumes: { data: {}, bare: {}, deep: {} } },
    inside: { 'cat /usr/filled/file; cat /sub/file; ls /etc/bare; touch /labelled/x': 'kept\nbelow\n' },
    host: async ({ docker, inspect: { Mounts } }) => {
      const name = Mounts.find(mount => mount.Destination === '/labelled')?.Name ?? ''
      expect((await docker.getVolume(name).inspect()).Labels).toMatchObject({ kind: 'scratch' })
    },
  },
  {
    service: 'copied',
    shows: ['volumes.volume.nocopy'],
    attributes: {
      volumes: [
        'copy:/etc/inner',
        { type: 'volume', source: 'bare2', target: '/root', volume: { nocopy: true } },
      ],
      image: 'attributes-files',
      build: {
        dockerfile_inline:
          'FROM busybox\nRUN mkdir /etc/inner && echo image > /etc/inner/file && cp /etc/inner/file /root',
      },
    },
    top: { volumes: { copy: {}, bare2: {} } },
    inside: { 'cat /etc/inner/file; ls /root': 'image\n' },
  },
  {
    service: 'image-mount',
    shows: ['volumes.image.subpath'],
    attributes: {
      volumes: [{ type: 'image', source: 'busybox', target: '/other', image: { subpath: 'etc' } }],
    },
    inside: { 'head -c4 /other/passwd; echo; touch /other/x 2>/dev/null || echo refused': 'root\nrefused\n' },
  },
  {
    service: 'propagation',
    shows: ['volumes.bind.propagation', 'volumes.bind.selinux'],
    attributes: {
      volumes: [
        {
          type: 'bind',
          source: './tree/below',
          target: '/private',
          bind: { propagation: 'rprivate', selinux: 'z' },
        },
        { type: 'bind', source: './tree/below', target: '/slave', bind: { propagation: 'rslave' } },
        { type: 'bind', source: './tree/below', target: '/shared', bind: { propagation: 'rshared' } },
      ],
      privileged: true,
    },
    inside: {
      [peers('/private')]: '-\n',
      [peers('/slave')]: /^master:/,
      [peers('/shared')]: /^shared:/,
      'mkdir /shared/new && mount -t tmpfs x /shared/new && echo mounted': 'mounted\n',
    },
    host: async ({ sandbox, inside }) => {
      // What is mounted on one side is seen on the other.
      const below = join(sandbox.folder, 'tree/below')
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(` ${below}/new `)
      execFileSync('umount', [`${below}/new`])
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', `${below}/new`])
      const seen = await inside(
        'propagation',
        'grep -c " /[a-z]*/new " /proc/mounts; grep -c " /private/new " /proc/mounts',
      )
      execFileSync('umount', [`${below}/new`])
      expect(seen).toBe('2\n0\n')
    },
  },
  {
    service: 'recursive',
    shows: ['volumes.bind.recursive'],
    attributes: {
      volumes: [
        { type: 'bind', source: './tree', target: '/all', read_only: true, bind: { recursive: 'enabled' } },
        { type: 'bind', source: './tree', target: '/alone', bind: { recursive: 'disabled' } },
        {
          type: 'bind',
          source: './tree',
          target: '/writable',
          read_only: true,
          bind: { recursive: 'writable' },
        },
        {
          type: 'bind',
          source: './tree',
          target: '/readonly',
          read_only: true,
          bind: { recursive: 'readonly', propagation: 'rprivate' },
        },
      ],
    },
    inside: {
      'ls /all/below /alone/below /writable/below /readonly/below | grep -c inner': '3\n',
      'for each in all writable readonly; do touch /$each/below/x 2>/dev/null && echo $each; done':
        'writable\n',
    },
  },
  {
    service: 'borrower',
    shows: ['volumes_from'],
    attributes: { volumes_from: ['lender:ro', 'container:attributes-lender'] },
    beside: {
      lender: { volumes: ['lent:/lent', './given:/given'] },
      'other-lender': { container_name: 'attributes-lender', volumes: ['lent:/lent2'] },
    },
    top: { volumes: { lent: {} } },
    files: { 'given/file': 'of the host\n' },
    inside: {
      'cat /given/file; touch /lent/x 2>/dev/null || echo refused; touch /lent2/y && echo made':
        'of the host\nrefused\nmade\n',
    },
  },
  {
    service: 'files',
    shows: [
      'configs.source',
      'configs.target',
      'configs.uid',
      'configs.gid',
      'configs.mode',
      'secrets.source',
      'secrets.target',
      'secrets.uid',
      'secrets.gid',
      'secrets.mode',
    ],
    attributes: {
      configs: [
        'from_file',
        { source: 'from_text', target: '/etc/deep/text', uid: '33', gid: '34', mode: 0o440 },
      ],
      secrets: [
        'word',
        { source: 'from_env', target: 'other', uid: '33', gid: '34', mode: 0o400 },
        // Of a file, too, owner and mode are as asked for, and the file keeps its own.
        { source: 'word', target: '/elsewhere', mode: 0o400 },
        { source: 'word', target: 'owned', uid: '33', gid: '34', mode: 0o440 },
      ],
    },
    top: {
      configs: { from_file: { file: './config.txt' }, from_text: { content: 'text ${HERE}\n' } },
      secrets: { word: { file: './word.txt' }, from_env: { environment: 'PATH' } },
    },
    files: { 'config.txt': 'config\n', 'word.txt': 'word\n' },
    inside: {
      'cat /from_file /etc/deep/text /run/secrets/word /elsewhere': 'config\ntext ${HERE}\nword\nword\n',
      'stat -c "%u:%g %a" /etc/deep/text /run/secrets/other; [ -s /run/secrets/other ] && echo full':
        '33:34 440\n33:34 400\nfull\n',
      'stat -c "%u:%g %a" /elsewhere /run/secrets/owned; cat /run/secrets/owned':
        '0:0 400\n33:34 440\nword\n',
      'echo x 2>/dev/null >> /run/secrets/word || echo refused': /refused/,
    },
    host: ({ inspect, said }) => {
      expect(said).not.toContain('services.files.secrets')
      // What they hold is neither in the record nor in what is told of the container.
      expect(JSON.stringify(inspect)).not.toContain('word\\n')
    },
  },
  {
    service: 'covered',
    shows: ['secrets.source', 'configs.source', 'tmpfs'],
    attributes: {
      user: '33:34',
      tmpfs: ['/run', '/work', '/link'],
      secrets: [
        'covered',
        { source: 'covered', target: '/dev/shm/of-a-file', uid: '33', gid: '35', mode: 0o400 },
        { source: 'covered', target: '/link/to/it', mode: 0o440 },
      ],
      configs: [{ source: 'text', target: '/work/deep/text' }],
    },
    top: {
      configs: { text: { content: 'text\n' } },
      secrets: { covered: { environment: 'PATH' } },
    },
    host: async ({ docker, inspect, inside }) => {
      const line =
        'cd /; for f in run/secrets/covered dev/shm/of-a-file link/to/it; do stat -c "%u:%g %a" $f; [ -s $f ] && echo full; done; cat work/deep/text'
      const whole = '33:34 444\nfull\n33:35 400\nfull\n33:34 440\nfull\ntext\n'
      const read = (): Promise<string> => inside('covered', line)
      expect(await read()).toBe(whole)
      expect(await inside('covered', 'grep -c "/run/secrets/covered ro" /proc/self/mountinfo')).toBe('1\n')
      const container = docker.getContainer(inspect.Id)
      await container.restart({ t: 0 })
      expect(await read()).toBe(whole)
      // Nothing of them is in the layer, nor told of, and a copy of one is had.
      expect(JSON.stringify(await container.changes())).not.toMatch(/secrets|of-a-file|deep/)
      expect((await container.inspect()).Mounts).toEqual(inspect.Mounts)
      expect((await container.getArchive({ path: '/run/secrets/covered' })).readable).toBe(true)
    },
  },
]
