import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { failure } from '../diagnostics/index.ts'
import type { Project, Service } from '../model/index.ts'
import { oneOffService, planDown, planRun, planUp, renderPlan, type UpOptions } from '../planner/index.ts'
import { dependsOn, makeProject } from '../planner/testing/projects.ts'
import { execute } from './execute.ts'
import { observe } from './observe/observe.ts'
import type { ExecuteOptions, ExecuteResult } from './options.ts'
import type { ProgressEvent } from './progress.ts'
import { FakeDocker, problem } from './testing/fake-docker.ts'

const LAMP = makeProject({
  services: {
    web: { depends_on: { db: dependsOn('healthy') } },
    db: { volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
  },
  volumes: { data: {} },
})

function engine(): FakeDocker {
  const docker = new FakeDocker()
  docker.addImage('example/web')
  docker.addImage('example/db')
  docker.health = { db: 'healthy' }
  return docker
}

async function up(
  docker: FakeDocker,
  project: Project = LAMP,
  options: UpOptions = {},
  more: ExecuteOptions = {},
): Promise<ExecuteResult> {
  const plan = planUp(project, await observe(docker, project), options)
  return execute(plan, docker, { project, ...more })
}

async function left(docker: FakeDocker, project: Project = LAMP): Promise<string> {
  return renderPlan(planUp(project, await observe(docker, project)))
}

function outcomesOf(result: ExecuteResult): Record<string, string> {
  return Object.fromEntries(result.outcomes)
}

describe('a plan that is executed', () => {
  it('leaves nothing to do, and its undoing nothing at all', async () => {
    const docker = engine()
    expect(await up(docker)).toMatchObject({ ok: true, failures: [], warnings: [], aborted: false })
    expect(await left(docker)).toBe('')
    const down = planDown(LAMP, await observe(docker, LAMP), { volumes: true })
    expect(await execute(down, docker)).toMatchObject({ ok: true, warnings: [] })
    expect([docker.containers.size, docker.networks.size, docker.volumes.size]).toEqual([0, 0, 0])
  })

  it('does one thing after the other where it must', async () => {
    const docker = engine()
    await up(docker)
    const order = docker.calls
    expect(order.indexOf('create network lamp_default')).toBeLessThan(order.indexOf('create lamp-web-1'))
    expect(order.indexOf('start lamp-db-1')).toBeLessThan(order.indexOf('start lamp-web-1'))
  })

  it('has the first of many containers begin before the last is made', async () => {
    const docker = new FakeDocker()
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
    for (const name of names) docker.addImage(`example/${name}`)
    await up(docker, makeProject({ services: Object.fromEntries(names.map(name => [name, {}])) }))
    const made = docker.calls.flatMap((call, index) => (call.startsWith('create lamp-') ? [index] : []))
    const begun = docker.calls.findIndex(call => call.startsWith('start lamp-'))
    expect(begun).toBeLessThan(made.at(-1) ?? 0)
  })

  it('asks for images again only where it has fetched some', async () => {
    const web = makeProject({ services: { web: {} } })
    const asked = async (images: readonly string[], project: Project): Promise<string[]> => {
      const docker = new FakeDocker()
      for (const image of images) docker.addImage(image)
      const observed = await observe(docker, project)
      const getImage = vi.spyOn(docker, 'getImage')
      const plan = planUp(project, observed)
      await execute(plan, docker, { project, images: observed.images })
      const [container] = docker.containers.values()
      expect(JSON.stringify(container)).toContain((await docker.getImage('example/web').inspect()).Id)
      return getImage.mock.calls.slice(0, -1).map(([name]) => name)
    }
    expect(await asked(['example/web'], web)).toEqual([])
    expect(await asked([], web)).not.toEqual([])
  })

  it('tells of each step in the words of Compose', async () => {
    const events: ProgressEvent[] = []
    await up(engine(), LAMP, {}, { onEvent: event => events.push(event) })
    const words = events.filter(({ name }) => name === 'lamp-db-1').map(({ text }) => text)
    expect(words).toEqual(['Creating', 'Created', 'Starting', 'Started', 'Waiting', 'Healthy'])
    expect(events.find(({ name }) => name === 'lamp_default')).toMatchObject({
      resource: 'Network lamp_default',
      kind: 'Network',
      operation: 'network:lamp_default:create',
    })
    expect(
      events.filter(({ status }) => status === 'done').every(({ elapsed }) => elapsed !== undefined),
    ).toBe(true)
  })

  it('tells of a replacement as one thing', async () => {
    const docker = engine()
    await up(docker)
    const events: string[] = []
    await up(
      docker,
      LAMP,
      { recreate: 'force', services: ['web'] },
      { onEvent: ({ text }) => events.push(text) },
    )
    expect(events).toEqual(['Recreate', 'Recreated', 'Starting', 'Started'])
    expect([...docker.containers.values()].map(({ name }) => name).sort()).toEqual([
      'lamp-db-1',
      'lamp-web-1',
    ])
  })

  it('names the containers that it made', async () => {
    const docker = engine()
    const { created } = await up(docker)
    expect([...created.keys()].sort()).toEqual(['lamp-db-1', 'lamp-web-1'])
    expect(docker.containers.has(created.get('lamp-web-1') ?? '')).toBe(true)
  })

  it('lets the caller attach before the start', async () => {
    const docker = engine()
    await up(docker, LAMP, {}, { beforeStart: async ({ name }) => void docker.calls.push(`attach ${name}`) })
    expect(docker.calls.indexOf('attach lamp-db-1')).toBe(docker.calls.indexOf('start lamp-db-1') - 1)
  })

  it('puts in what is in no file of the host, before each start', async () => {
    const project = makeProject({
      services: { web: { secrets: [{ source: 'key' }] } },
      secrets: { key: { name: 'key', content: 'hidden' } },
    })
    const docker = engine()
    await up(docker, project)
    expect(docker.calls.slice(-2)).toEqual(['put into lamp-web-1', 'start lamp-web-1'])
  })
})

describe('a failure', () => {
  it('skips what needs it, and nothing else', async () => {
    const docker = engine()
    docker.trouble = call => (call === 'start lamp-db-1' ? problem('internal', 'no') : undefined)
    const project = makeProject({
      services: { ...LAMP.model.services, lone: { image: 'example/web' } },
      volumes: { data: {} },
    })
    const result = await up(docker, project)
    expect(result).toMatchObject({
      ok: false,
      failures: [{ operation: { id: 'container:lamp-db-1:start' } }],
    })
    expect(outcomesOf(result)).toMatchObject({
      'container:lamp-db-1:start': 'failed',
      'container:lamp-db-1:wait-healthy': 'skipped',
      'container:lamp-web-1:start': 'skipped',
      'container:lamp-lone-1:start': 'done',
    })
  })

  it('of several is shown with its siblings', async () => {
    const docker = engine()
    docker.trouble = call => (call.startsWith('create lamp-') ? problem('internal', call) : undefined)
    const { failures } = await up(docker)
    expect(failures.map(({ operation }) => operation.id)).toEqual([
      'container:lamp-db-1:create',
      'container:lamp-web-1:create',
    ])
  })

  it('of what may fail is a warning', async () => {
    const docker = engine()
    await up(docker)
    docker.trouble = call =>
      call === 'remove network lamp_default' ? problem('conflict', 'in use') : undefined
    const result = await execute(planDown(LAMP, await observe(docker, LAMP)), docker)
    expect(result).toMatchObject({ ok: true, warnings: [{ code: 'ENGINE_CONFLICT' }] })
  })

  it.each([
    ['start lamp-db-1', 'notModified'],
    ['create network lamp_default', 'conflict'],
  ] as const)('that says that it is done already is none: %s', async (call, kind) => {
    const docker = engine()
    docker.trouble = made => (made === call ? problem(kind, 'already') : undefined)
    docker.health = { db: 'healthy' }
    const { failures } = await up(docker, makeProject({ services: { db: {} } }))
    expect(failures).toEqual([])
  })

  it('is told with its place in the file', async () => {
    const range = { file: 'compose.yaml', start: { line: 4, column: 9 }, end: { line: 4, column: 16 } }
    const ports = [{ target: 1 }, { target: 80, published: '8080' }]
    const bare = makeProject({ services: { web: { ports } } })
    const project: Project = {
      ...bare,
      origins: {
        of: path =>
          path.join('/') === 'services/web/ports/1'
            ? { range, variables: [], through: [], overrode: [], written: '' }
            : undefined,
      },
    }
    const docker = engine()
    docker.trouble = call =>
      call === 'start lamp-web-1'
        ? failure({ kind: 'conflict', code: 'PORT_IN_USE', summary: 'port 8080 is taken' })
        : undefined
    const [first] = (await up(docker, project)).failures
    expect(first?.failure).toMatchObject({ kind: 'conflict', code: 'PORT_IN_USE' })
    expect(first?.failure.diagnostics).toMatchObject([{ path: 'services.web.ports[1]', range }])
  })

  it('to find a secret is told before anything is done', async () => {
    const project = makeProject({
      services: { web: { secrets: [{ source: 'a' }, { source: 'b' }] } },
      secrets: { a: { name: 'a', file: '/nowhere/a' }, b: { name: 'b', file: '/nowhere/b' } },
    })
    const docker = engine()
    const result = await up(docker, project)
    expect(result.failures.map(({ failure }) => failure.code)).toEqual([
      'SECRET_FILE_NOT_FOUND',
      'SECRET_FILE_NOT_FOUND',
    ])
    expect(docker.calls).toEqual([])
  })
})

describe('a build context that is an address', () => {
  const project = makeProject({
    services: { web: { build: { context: 'https://example.com/app.git#main' } } },
  })

  it('is sent as a folder where it can be brought here', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tscompose-context-'))
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch')
    const asked: string[] = []
    const fetchContext = async (address: string): Promise<string> => {
      asked.push(address)
      return folder
    }
    const docker = engine()
    expect(await up(docker, project, {}, { fetchContext })).toMatchObject({ ok: true })
    expect(asked).toEqual(['https://example.com/app.git#main'])
    expect(docker.remotes).toEqual([undefined])
    rmSync(folder, { recursive: true })
  })

  it('is left to the engine otherwise', async () => {
    const docker = engine()
    expect(await up(docker, project, {}, { fetchContext: async () => undefined })).toMatchObject({ ok: true })
    expect(docker.remotes).toEqual(['https://example.com/app.git#main'])
  })

  it('that cannot be fetched is told as the failure of the build', async () => {
    const fetchContext = async (): Promise<never> => {
      throw failure({ kind: 'unavailable', code: 'REMOTE_UNREACHABLE', summary: 'cannot reach it' })
    }
    const { failures } = await up(engine(), project, {}, { fetchContext })
    expect(failures).toMatchObject([
      { operation: { type: 'buildImage' }, failure: { code: 'REMOTE_UNREACHABLE' } },
    ])
  })
})

describe('a bind whose source may not be made', () => {
  const bind = (source: string, create_host_path?: boolean) =>
    ({
      type: 'bind',
      source,
      target: '/x',
      bind: create_host_path === undefined ? {} : { create_host_path },
    }) as const
  const range = { file: 'compose.yaml', start: { line: 5, column: 9 }, end: { line: 5, column: 16 } }
  const withVolumes = (...volumes: readonly ReturnType<typeof bind>[]): Project => ({
    ...makeProject({ services: { web: { volumes } } }),
    origins: {
      of: path =>
        path.join('/') === 'services/web/volumes/1'
          ? { range, variables: [], through: [], overrode: [], written: '' }
          : undefined,
    },
  })

  it('is told before anything is done, with its place', async () => {
    const docker = engine()
    const project = withVolumes(bind('/nowhere/a'), bind('/nowhere/b', false), bind('/nowhere/c', true))
    const { failures } = await up(docker, project)
    expect(failures.flatMap(({ failure }) => failure.diagnostics)).toMatchObject([
      { code: 'BIND_SOURCE_NOT_FOUND', path: 'services.web.volumes[1]', range },
    ])
    expect(docker.calls).toEqual([])
  })

  it('is no matter when it is there, or when the engine is on another machine', async () => {
    expect(await up(engine(), withVolumes(bind('/', false)))).toMatchObject({ ok: true })
    const elsewhere = await up(
      engine(),
      withVolumes(bind('/nowhere/a', false)),
      {},
      { engineElsewhere: true },
    )
    expect(elsewhere).toMatchObject({ ok: true })
  })
})

describe('abort', () => {
  it('begins nothing new and ends waits', async () => {
    const control = new AbortController()
    const docker = engine()
    docker.health = { db: 'starting' }
    const onEvent = ({ text }: ProgressEvent): void => {
      if (text === 'Waiting') control.abort()
    }
    const result = await up(docker, LAMP, {}, { signal: control.signal, onEvent })
    expect(result).toMatchObject({ ok: false, aborted: true })
    expect(outcomesOf(result)['container:lamp-web-1:start']).toBe('skipped')
  })
})

describe('waiting for a dependency', () => {
  const codeOf = async (change: (docker: FakeDocker) => void): Promise<string | undefined> => {
    const docker = engine()
    change(docker)
    return (await up(docker)).failures[0]?.failure.code
  }

  it('ends when it can not become healthy any more', async () => {
    expect(await codeOf(docker => Object.assign(docker, { health: { db: 'unhealthy' } }))).toBe(
      'DEPENDENCY_UNHEALTHY',
    )
    expect(await codeOf(docker => Object.assign(docker, { health: {} }))).toBe('NO_HEALTHCHECK')
    expect(await codeOf(docker => Object.assign(docker, { exitCodes: { db: 1 } }))).toBe('DEPENDENCY_EXITED')
  })

  it('ends when it keeps restarting, though its policy never gives up', async () => {
    const crash = (docker: FakeDocker): void => {
      docker.health = { db: 'starting' }
      docker.crashing = new Set(['db'])
      docker.written = { db: 'no disk\n' }
    }
    expect(await codeOf(crash)).toBe('CONTAINER_RESTARTING')
    const docker = engine()
    crash(docker)
    const [failed] = (await up(docker)).failures
    expect(failed?.failure.diagnostics[0]?.detail).toBe('no disk')
  })

  it('goes on once it is healthy', async () => {
    const docker = engine()
    docker.health = { db: 'starting' }
    const onEvent = ({ text }: ProgressEvent): void => {
      if (text === 'Waiting') docker.health = { db: 'healthy' }
    }
    expect(await up(docker, LAMP, {}, { onEvent })).toMatchObject({ ok: true })
  })

  it('that is not required only warns', async () => {
    const docker = engine()
    docker.exitCodes = { db: 1 }
    const project = makeProject({
      services: { web: { depends_on: { db: dependsOn('healthy', { required: false }) } }, db: {} },
    })
    expect(await up(docker, project)).toMatchObject({ ok: true, warnings: [{ code: 'DEPENDENCY_EXITED' }] })
  })

  it.each([
    [0, undefined],
    [3, 'DEPENDENCY_FAILED'],
  ])('until it has completed with %i', async (code, expected) => {
    const docker = engine()
    docker.exitCodes = { db: code }
    const project = makeProject({
      services: { web: { depends_on: { db: dependsOn('completed_successfully') } }, db: {} },
    })
    expect((await up(docker, project)).failures[0]?.failure.code).toBe(expected)
  })
})

describe('images', () => {
  const built = makeProject({ services: { web: { build: { context: '/src' } } } })
  const readContext: ExecuteOptions['readContext'] = async () =>
    (await import('node:stream')).Readable.from([])

  it('that a rebuild did not change replace nothing', async () => {
    const docker = engine()
    await up(docker, built, {}, { readContext })
    const before = [...docker.containers.keys()]
    const result = await up(docker, built, { build: 'always' }, { readContext })
    expect([...docker.containers.keys()]).toEqual(before)
    expect(outcomesOf(result)).toMatchObject({
      'image:lamp-web:build': 'done',
      'container:lamp-web-1:create': 'unneeded',
    })
  })

  it('that a rebuild did change replace their containers', async () => {
    const docker = engine()
    await up(docker, built, {}, { readContext })
    const before = [...docker.containers.keys()]
    docker.buildLines = [{ stream: 'Step 1/1' }, { aux: { ID: 'sha256:other' } }]
    const details: (string | undefined)[] = []
    await up(
      docker,
      built,
      { build: 'always' },
      { readContext, onEvent: ({ detail }) => details.push(detail) },
    )
    expect([...docker.containers.keys()]).not.toEqual(before)
    expect(details).toContain('Step 1/1')
  })

  it('that fail to build leave nothing half made', async () => {
    const docker = engine()
    docker.buildLines = [{ error: 'exit status 1', errorDetail: { message: 'exit status 1' } }]
    const result = await up(docker, built, {}, { readContext })
    expect(result.failures.map(({ failure }) => failure.code)).toEqual(['BUILD_FAILED'])
    expect([docker.containers.size, docker.networks.size]).toEqual([0, 0])
  })

  it('are built if they can not be pulled, without a warning, and not built if they can', async () => {
    const both = makeProject({ services: { web: { build: { context: '/src' }, image: 'example/both' } } })
    const docker = engine()
    const pulled = await up(docker, both, {}, { readContext })
    expect(outcomesOf(pulled)['image:example/both:build']).toBe('unneeded')
    const offline = engine()
    offline.trouble = call => (call.startsWith('pull') ? problem('unavailable', 'no network') : undefined)
    expect(await up(offline, both, {}, { readContext })).toMatchObject({ ok: true, warnings: [] })
    expect(offline.calls).toContain('build example/both')
  })
})

describe('hooks', () => {
  const project = makeProject({
    services: { web: { post_start: [{ command: ['warm'] }], pre_stop: [{ command: ['drain'] }] } },
  })

  it('run after the start and before the stop, and are heard', async () => {
    const docker = engine()
    const heard: string[] = []
    const onHookOutput = (name: string, line: string): void => void heard.push(`${name} ${line}`)
    await up(docker, project, {}, { onHookOutput })
    await execute(planDown(project, await observe(docker, project)), docker, { project })
    const calls = docker.calls.filter(call => /exec|start|stop/.test(call))
    expect(calls).toEqual([
      'start lamp-web-1',
      'exec warm in lamp-web-1',
      'exec drain in lamp-web-1',
      'stop lamp-web-1',
    ])
    expect(heard).toEqual(['lamp-web-1 said by warm'])
  })

  it('that fail fail the start, but not the stop', async () => {
    const docker = engine()
    docker.hookCodes = { warm: 7, drain: 7 }
    const result = await up(docker, project)
    expect(result.failures.map(({ failure }) => failure.code)).toEqual(['HOOK_FAILED'])
    const down = await execute(planDown(project, await observe(docker, project)), docker, { project })
    expect(down).toMatchObject({ ok: true, warnings: [{ code: 'HOOK_FAILED' }] })
  })

  it('hold up nobody who is interrupted', async () => {
    const docker = engine()
    docker.endless = ['warm']
    const interrupt = new AbortController()
    const running = up(docker, project, {}, { signal: interrupt.signal })
    await vi.waitFor(() => expect(docker.calls).toContain('exec warm in lamp-web-1'))
    interrupt.abort()
    expect(await running).toMatchObject({ ok: false, aborted: true })
  })

  it('of a one-off that has ended before they could run are none of its failures', async () => {
    const definition = oneOffService(project.model.services['web'] as Service, {
      command: ['true'],
      tty: false,
      stdinOpen: false,
    })
    const run = async (ends: 'before' | 'told later' | 'never'): Promise<ExecuteResult> => {
      const docker = engine()
      docker.hookCodes = { warm: 128 }
      const end = async (): Promise<void> => {
        for (const { id } of docker.containers.values()) await docker.getContainer(id).kill()
      }
      docker.before = async call => {
        if (!call.startsWith('exec')) return
        if (ends === 'before') await end()
        else if (ends === 'told later') setTimeout(() => void end(), 50)
      }
      const one = { service: 'web', definition, slug: 'a'.repeat(64) }
      return await execute(planRun(project, await observe(docker, project), one), docker, { project })
    }
    expect((await run('never')).failures.map(({ failure }) => failure.code)).toEqual(['HOOK_FAILED'])
    expect(await run('before')).toMatchObject({ ok: true })
    expect(await run('told later')).toMatchObject({ ok: true })
  })
})
