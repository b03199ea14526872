import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerCreateRequest } from '../../../src/api/types/index.ts'
import type { EngineLab } from '../harness/engine-lab.ts'
import type { InjectedMode } from './injector.ts'

/** A start of one kind; its payload makes the file `ran` in the lab's folder `data`. */
export interface Scenario {
  readonly name: string
  readonly mode: InjectedMode
  /** Whether some of its calls are tried in every run of the tests. */
  readonly sampled?: boolean
  /** How many processes take part until the payload runs, the spawner and the payload included; it may only fall. */
  readonly processes?: number
  /** What it needs, once. */
  readonly prepare?: (lab: EngineLab) => Promise<void>
  /** Resolves when the payload has run. */
  readonly attempt: (lab: EngineLab) => Promise<void>
  /** Takes away what an attempt has made. */
  readonly clear?: (lab: EngineLab) => Promise<void>
}

const NAME = 'faulty'
const PAYLOAD = ['sh', '-c', 'echo > /shared/ran; exec sleep 1000']

/** Where the payload leaves its mark. */
function shared(lab: EngineLab): string {
  mkdirSync(join(lab.folder, 'data'), { recursive: true })
  return `${join(lab.folder, 'data')}:/shared`
}

async function start(lab: EngineLab, body: ContainerCreateRequest): Promise<void> {
  const HostConfig = {
    NetworkMode: 'none',
    ...body.HostConfig,
    Binds: [shared(lab), ...(body.HostConfig?.Binds ?? [])],
  }
  await lab.run(NAME, { Cmd: PAYLOAD, ...body, HostConfig })
}

async function remove(lab: EngineLab): Promise<void> {
  const all = await lab.engine.containers.list({ all: true, size: false, filters: {} })
  for (const { Id, Names } of all)
    if (Names.includes(`/${NAME}`))
      await lab.engine.containers.remove(Id, { force: true, volumes: true, link: false })
}

/** Every way in which the native program begins a process of a container, with all that it makes for one. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a start on a network, with a port, a volume, a secret and init',
    mode: 'monitor',
    sampled: true,
    prepare: async lab => {
      await lab.engine.networks.create({ Name: 'front' })
      writeFileSync(join(lab.folder, 'secret'), 'secret\n')
    },
    attempt: lab =>
      start(lab, {
        ExposedPorts: { '80/tcp': {} },
        Volumes: { '/data': {} },
        HostConfig: {
          NetworkMode: 'front',
          Init: true,
          Memory: 64 << 20,
          PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
          Binds: [`${join(lab.folder, 'secret')}:/run/secrets/one:ro`],
          Tmpfs: { '/scratch': 'size=1m' },
        },
      }),
    clear: remove,
  },
  {
    name: 'a start with a terminal, as a user',
    mode: 'monitor',
    attempt: lab => start(lab, { Tty: true, User: 'root:www', WorkingDir: '/made/deep' }),
    clear: remove,
  },
  {
    name: 'a start in the pid namespace of another',
    mode: 'monitor',
    prepare: async lab => void (await lab.run('other', { HostConfig: { NetworkMode: 'none' } })),
    attempt: lab => start(lab, { HostConfig: { PidMode: 'container:other', IpcMode: 'container:other' } }),
    clear: remove,
  },
  {
    name: 'an exec',
    mode: 'exec',
    sampled: true,
    // What runs it and waits for it, and the forerunner that bears it.
    processes: 4,
    prepare: async lab =>
      void (await lab.run('host', { HostConfig: { NetworkMode: 'none', Binds: [shared(lab)] } })),
    attempt: async lab => {
      const { code, out } = await lab.exec('host', 'echo > /shared/ran')
      if (code !== 0) throw new Error(`exit code ${code}: ${out}`)
    },
  },
  {
    name: 'an exec with a terminal',
    mode: 'exec',
    prepare: async lab =>
      void (await lab.run('host2', { HostConfig: { NetworkMode: 'none', Binds: [shared(lab)] } })),
    attempt: async lab => {
      const { Id } = await lab.engine.exec.create('host2', {
        Cmd: ['sh', '-c', 'echo > /shared/ran'],
        AttachStdout: true,
        AttachStderr: true,
        Tty: true,
      })
      const session = await lab.engine.exec.start(Id, { tty: true })
      for await (const _ of session.output);
      const { ExitCode } = await lab.engine.exec.inspect(Id)
      if (ExitCode !== 0) throw new Error(`exit code ${ExitCode}`)
    },
  },
]
