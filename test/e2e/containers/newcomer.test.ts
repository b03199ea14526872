// Processes that appear in a pid namespace where others live already: exec, health checks, `pid: container:…`. Until one
// has become the command it is of ours, and those who live there can stop it and look at it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'

const lab = new EngineLab({ userNamespaces: 'project' })
let tools: string

beforeAll(async () => {
  tools = join(lab.folder, 'tools')
  mkdirSync(tools)
  const program = join(tools, 'catch-newcomer')
  execFileSync('gcc', ['-static', '-O1', '-D_GNU_SOURCE', '-o', program, 'native/test/catch-newcomer.c'])
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

/** How many are caught, of each kind. */
const COUNT = 2
/** Of the host: device and place of its root, as mountinfo shows it, and where our folders are. */
const hostRoot = /^\S+ \S+ (\S+ \S+ \/) /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1] ?? ''
const host = statSync('/')

/** Starts a container that catches newcomers, and makes them appear until it has enough. What it saw, one by one. */
async function seen(
  capabilities: readonly string[],
  appear: (catcher: string) => Promise<unknown>,
  UsernsMode = 'host',
): Promise<ReadonlyMap<string, string>[]> {
  const id = await lab.run('catcher', {
    Cmd: ['sh', '-c', '/tools/catch-newcomer "$@"; exec sleep 1000', '-', `${COUNT}`, lab.folder, hostRoot],
    HostConfig: { NetworkMode: 'none', Binds: [`${tools}:/tools:ro`], CapAdd: [...capabilities], UsernsMode },
  })
  await eventually('it looks', async () => (await lab.log(id)).includes('ready'))
  const all = (): Promise<string[]> => lab.log(id).then(text => text.split('caught\n').slice(0, -1))
  await eventually(
    'enough are caught',
    async () => {
      await appear(id)
      return (await all()).length === COUNT
    },
    60_000,
  )
  return (await all()).map(text => {
    const lines = text.split('\n').filter(line => line !== '' && line !== 'ready')
    return new Map(
      lines.map(line => {
        const at = line.includes(' has ') ? line.length : line.indexOf(' ')
        return [line.slice(0, at), line.slice(at + 1)] as const
      }),
    )
  })
}

const SAME = [
  ...['mountinfo', 'mounts', 'cgroup', 'net/dev', 'net/route', 'net/unix'],
  ...['Uid', 'Gid', 'CapPrm', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp'],
]
/** Where a container's mounts come from stands in mountinfo in any case. */
const marks = (facts: ReadonlyMap<string, string>): string[] =>
  [...facts.keys()].filter(name => name.includes(' has ') && name !== `mountinfo has ${lab.folder}`)
const same = (facts: ReadonlyMap<string, string>): (string | undefined)[] =>
  SAME.filter(name => facts.get(name) !== 'same')
/** What its descriptors lead to: pipes or null devices, and the one socket that its start is told of by. */
const fds = (facts: ReadonlyMap<string, string>): string[] =>
  [...facts].flatMap(([name, target]) => (name.startsWith('fd/') ? [target.replace(/:\[\d+\]$/, '')] : []))

test('an exec has nothing of the host, nor more rights than the container, whoever looks at it with SYS_PTRACE', async () => {
  for (const facts of await seen(['SYS_PTRACE'], id => lab.exec(id, ['true']))) {
    expect([same(facts), marks(facts)]).toEqual([[], []])
    expect(fds(facts).sort()).toEqual(['/dev/null', 'pipe', 'pipe', 'socket'])
    expect([facts.get('root')?.split(' ')[0], facts.get('environ'), facts.get('memory')]).toEqual([
      'same',
      'empty',
      'open',
    ])
    expect(facts.get('exe')).toBe('/tscompose-native (deleted)')
  }
})

test('an exec shows nothing of the host to a default container', async () => {
  for (const facts of await seen([], id => lab.exec(id, ['true']))) {
    expect([same(facts), marks(facts)]).toEqual([[], []])
    for (const name of ['root', 'cwd', 'exe', 'memory', 'environ', 'fd/1'])
      expect([name, facts.get(name)]).toEqual([name, 'refused'])
  }
})

test('in a user namespace an exec cannot even be looked at with SYS_PTRACE', async () => {
  for (const facts of await seen(['SYS_PTRACE'], id => lab.exec(id, ['true']), '')) {
    expect([fds(facts), marks(facts)]).toEqual([[], []])
    for (const name of ['root', 'cwd', 'exe', 'memory', 'environ'])
      expect([name, facts.get(name)]).toEqual([name, 'refused'])
  }
})

test('a container that joins the pid namespace of another has nothing of the host when it appears there', async () => {
  for (const Init of [false, true]) {
    const all = await seen(['SYS_PTRACE'], async id => {
      const { Id } = await lab.engine.containers.create(
        {
          Image: 'bb',
          Cmd: ['true'],
          HostConfig: {
            NetworkMode: 'none',
            PidMode: `container:${id}`,
            CapDrop: ['CHOWN'],
            UsernsMode: 'host',
            Init,
          },
        },
        {},
      )
      await lab.engine.containers.start(Id, {})
      await lab.engine.containers.remove(Id, { force: true, volumes: true, link: false })
    })
    for (const facts of all) {
      expect(marks(facts)).toEqual([])
      expect(same(facts).sort()).toEqual(
        ['CapBnd', 'CapEff', 'CapPrm', 'cgroup', 'mountinfo', 'mounts'].filter(
          name => facts.get(name) !== 'same',
        ),
      )
      expect(fds(facts).sort().at(-1)).toBe('socket')
      expect(facts.get('root')).toMatch(/^other /)
      expect(facts.get('root')).not.toBe(`other ${host.dev}:${host.ino}`)
      expect([facts.get('environ'), facts.get('memory')]).toEqual(['empty', 'open'])
    }
    await lab.clear()
  }
})

test('one that is killed before it becomes the command has ended, and nobody waits', async () => {
  const id = await lab.run('killer', {
    Cmd: ['/tools/catch-newcomer', 'kill'],
    HostConfig: { NetworkMode: 'none', Binds: [`${tools}:/tools:ro`] },
  })
  await eventually('it looks', async () => (await lab.log(id)).includes('ready'))
  for (let round = 0; round < 10; round++) {
    const { code } = await lab.exec(id, ['sleep', '1000'])
    expect(code).toBe(137)
    const name = `joined-${round}`
    const other = await lab.run(name, { HostConfig: { NetworkMode: 'none', PidMode: `container:${id}` } })
    await eventually('it has ended', async () => {
      const { State } = await lab.engine.containers.inspect(other, { size: false })
      return State.Status === 'exited' && State.ExitCode === 137
    })
  }
})
