// A Swarm of three engines of Debian's own: what is deployed there runs, moves, rolls back and goes without a trace.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TaskInspect } from '../../../src/api/types/index.ts'
import { fieldsOf } from '../../../src/deploy/swarm/plan/fields.ts'
import { named } from '../../../src/deploy/swarm/plan/observed.ts'
import { requires, root } from '../../requires.ts'
import { countCalls } from '../harness/counted-calls.ts'
import { eventually } from '../harness/eventually.ts'
import { dockerRegistry } from '../harness/registry/docker-registry.ts'
import { runProgram } from '../harness/run-program.ts'
import type { Result } from '../harness/sandbox.ts'
import { dockerEngine } from './engine-tools.ts'
import { REGISTRY, SwarmLab } from './lab.ts'

/** What a test need not wait for: tasks that have run for half a second run. */
const FAST = 'update_config: {monitor: 500ms}, rollback_config: {monitor: 500ms}'
const IMAGE = `${REGISTRY}/app:1`

interface Following {
  readonly child: ChildProcess
  /** Its exit status. */
  readonly ended: Promise<number | null>
  readonly stdout: () => string
}

requires(root, ...dockerEngine, ...dockerRegistry).describe('a swarm of three', () => {
  let lab: SwarmLab
  beforeAll(async () => {
    lab = await SwarmLab.start()
    for (const version of ['1', '2']) lab.pushImage('app', version)
  })
  afterAll(async () => lab?.stop())

  /** A command, which asks no engine of ours. */
  function tscompose(argv: readonly string[], cwd: string): Promise<Result> {
    return runProgram(resolve('bin/tscompose'), argv, { cwd, env: environment() })
  }

  function environment(): NodeJS.ProcessEnv {
    const [root, run] = [join(lab.folder, 'root'), join(lab.folder, 'run')]
    return { PATH: process.env['PATH'], HOME: lab.folder, TSCOMPOSE_ROOT: root, TSCOMPOSE_RUN: run }
  }

  /** A project in a folder of its own. */
  class Project {
    readonly folder: string
    readonly name: string

    constructor(name: string, text: string, files: Readonly<Record<string, string>> = {}) {
      this.name = name
      this.folder = mkdtempSync(join(lab.folder, 'project-'))
      this.write(text)
      for (const [path, content] of Object.entries(files)) writeFileSync(join(this.folder, path), content)
    }

    write(text: string): void {
      writeFileSync(join(this.folder, 'compose.yaml'), `name: ${this.name}\n${text}`)
    }

    run(...argv: readonly string[]): Promise<Result> {
      const [group = '', command = ''] = argv
      const words =
        group === 'deploy' && !command.startsWith('-') && command !== '' ? [group, command] : [group]
      const place = ['-H', lab.manager]
      return tscompose([...words, ...place, ...argv.slice(words.length)], this.folder)
    }

    /** Deploys, which must succeed. */
    async deploy(...argv: readonly string[]): Promise<Result> {
      const result = await this.run('deploy', ...argv)
      if (result.status !== 0) throw new Error(result.stderr)
      return result
    }

    async plan(): Promise<readonly { readonly action: string; readonly changes: readonly object[] }[]> {
      const { stdout, stderr } = await this.run('deploy', 'plan', '--json')
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout).operations
    }

    async tasks(): Promise<readonly TaskInspect[]> {
      const label = [`com.docker.stack.namespace=${this.name}`]
      return lab.client().listTasks({ filters: { label, 'desired-state': ['running'] } })
    }
  }

  /** Follows the logs of a project. */
  function follow({ folder }: Project): Following {
    const child = spawn(resolve('bin/tscompose'), ['deploy', 'logs', '-f', '-H', lab.manager], {
      cwd: folder,
      env: environment(),
    })
    let output = ''
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes
    })
    const ended = new Promise<number | null>(done => child.once('exit', done))
    return { child, ended, stdout: () => output }
  }

  const running = (tasks: readonly TaskInspect[]): number =>
    tasks.filter(({ Status }) => Status.State === 'running').length

  /** Names of all that is there of a stack, as Docker's client finds it. */
  function left(name: string): string[] {
    const filter = ['--filter', `label=com.docker.stack.namespace=${name}`]
    return ['service', 'network', 'secret', 'config'].flatMap(kind =>
      lab
        .docker([kind, 'ls', ...filter, '--format', '{{.Name}}'])
        .split('\n')
        .filter(line => line !== ''),
    )
  }

  test('runs a stack on its nodes, by digest, and has nothing to do then', {}, async () => {
    const text = `
services:
  web: {image: "${IMAGE}", command: sh -c "echo hello; cat /app; sleep 1000", stop_grace_period: 0s, configs: [app], secrets: [password],
    healthcheck: {test: [CMD, "true"], start_interval: 100ms, interval: 500ms},
    deploy: {replicas: 3, placement: {max_replicas_per_node: 1}, ${FAST}}}
  each: {image: "${IMAGE}", command: sleep 1000, stop_grace_period: 0s, deploy: {mode: global, ${FAST}}}
  once: {image: "${IMAGE}", command: "true", deploy: {mode: replicated-job}}
configs: {app: {file: ./app.conf}}
secrets: {password: {file: ./password}}
`
    const shop = new Project('shop', text, { 'app.conf': 'of the config\n', password: 'hunter2' })
    await shop.deploy()
    const nodes = new Set((await shop.tasks()).map(({ NodeID }) => NodeID))
    expect(nodes.size).toBe(3)
    const services = lab.docker(['stack', 'services', 'shop', '--format', '{{.Name}} {{.Replicas}}'])
    for (const line of [/^shop_each 3\/3/m, /^shop_once /m, /^shop_web 3\/3/m]) expect(services).toMatch(line)
    const [web] = await lab.client().listServices({ filters: { name: ['shop_web'] } })
    expect(web?.Spec.TaskTemplate?.ContainerSpec?.Image).toMatch(/app:1@sha256:[0-9a-f]{64}$/)
    expect(await shop.plan()).toEqual([])
    const ps = await shop.run('deploy', 'ps', '--format', '{{.Name}} {{.Node}}', 'web')
    expect(
      ps.stdout
        .trim()
        .split('\n')
        .map(line => line.split(' ')[1])
        .sort(),
    ).toEqual(['alpha', 'beta', 'gamma'])
  })

  test('tells the logs of all tasks on all nodes', {}, async () => {
    const { stdout } = await new Project('shop', 'services: {}').run('deploy', 'logs', 'web')
    for (const node of ['alpha', 'beta', 'gamma']) {
      const lines = stdout.split('\n').filter(line => line.includes(`@${node}`))
      expect(lines.map(line => line.replace(/^.*\| /, ''))).toEqual(['hello', 'of the config'])
    }
  })

  // Each waits for the swarm, which takes its time: for none of the others.
  describe.concurrent('of many stacks at once', () => {
    test('follows the logs of tasks and services that come and go, until Ctrl-C', {}, async () => {
      const web = `{image: "${IMAGE}", command: sh -c "while echo tick; do sleep 0.2; done", stop_grace_period: 0s, deploy: {${FAST}}}`
      const ticking = new Project('ticking', `services: {web: ${web}}`)
      await ticking.deploy()
      const [one, all] = [follow(ticking), follow(ticking)]
      await eventually('its task is heard', () => /web\.1@\w+ +\| tick/.test(one.stdout()))
      await ticking.run('deploy', 'scale', 'web=2')
      await eventually('another task is heard', () => /web\.2@\w+ +\| tick/.test(one.stdout()))
      ticking.write(`services: {web: ${web}, late: ${web}}`)
      await ticking.deploy('--detach')
      await eventually('another service is heard', () => /late\.1@\w+ +\| tick/.test(one.stdout()))
      one.child.kill('SIGINT')
      expect(await one.ended).toEqual(0)
      await ticking.run('deploy', 'down')
      // What is there no more is followed no more.
      expect(await all.ended).toEqual(0)
    })

    test('sees what was done by hand, field by field, and puts it right', {}, async () => {
      const [folder] = [
        new Project(
          'hand',
          `services: {web: {image: "${IMAGE}", command: sleep 1000, stop_grace_period: 0s, deploy: {${FAST}}}}`,
        ),
      ]
      await folder.deploy()
      lab.docker(['service', 'update', '--detach', '--replicas', '2', '--env-add', 'A=1', 'hand_web'])
      const [update] = await folder.plan()
      expect(update?.changes).toMatchObject([
        { path: 'deploy.mode', from: '"replicated 2"', to: '"replicated 1"' },
        { path: 'environment.A', to: null },
      ])
      await folder.deploy()
      expect(await folder.plan()).toEqual([])
      await folder.run('deploy', 'scale', 'web=0')
      expect(await folder.tasks()).toEqual([])
      await folder.run('deploy', 'down')
      expect(left('hand')).toEqual([])
    })

    describe('that cannot run something', () => {
      test('says that no node is suitable', {}, async () => {
        const where = `placement: {constraints: [node.labels.zone == mars]}, ${FAST}`
        const lost = new Project(
          'lost',
          `services: {web: {image: "${IMAGE}", command: sleep 1000, stop_grace_period: 0s, deploy: {${where}}}}`,
        )
        const { status, stderr } = await lost.run('deploy')
        expect([status, /SWARM_TASKS_FAILED.*no suitable node/.test(stderr)]).toEqual([1, true])
        await lost.run('deploy', 'down')
        expect(left('lost')).toEqual([])
      })

      test('says what tasks end with, and the last that they have written', {}, async () => {
        // Longer than it takes to end, on whatever machine.
        const policy = 'restart_policy: {condition: none}, update_config: {monitor: 30s}'
        const ends = new Project(
          'ends',
          `services: {web: {image: "${IMAGE}", command: sh -c "echo because of this; exit 1", deploy: {${policy}}}}`,
        )
        const { status, stderr } = await ends.run('deploy')
        expect([status, /SWARM_TASKS_FAILED.*non-zero exit \(1\)/.test(stderr)]).toEqual([1, true])
        expect(stderr).toMatch(/^ +because of this$/m)
        await ends.run('deploy', 'down')
      })

      test('changes nothing where something of the file is refused', {}, async () => {
        const file = `services: {web: {image: "${IMAGE}", volumes_from: [db]}, db: {image: "${IMAGE}"}}`
        const { status, stderr } = await new Project('refused', file).run('deploy')
        expect([status, /SWARM_ATTRIBUTE.*compose\.yaml:2/.test(stderr)]).toEqual([1, true])
        expect(left('refused')).toEqual([])
      })
    })

    test('rolls an update back that fails, and tells it', {}, async () => {
      const update = 'failure_action: rollback, monitor: 2s, order: start-first'
      const file = (command: string): string =>
        `services: {web: {image: "${IMAGE}", command: ${command}, stop_grace_period: 0s, deploy: {update_config: {${update}}}}}`
      const roll = new Project('roll', file('sleep 1000'))
      await roll.deploy()
      roll.write(file('"false"'))
      const { status, stderr } = await roll.run('deploy')
      expect([status, stderr.includes('SWARM_ROLLED_BACK')]).toEqual([1, true])
      // Rolled back is what the manager wants; the task comes a moment later.
      await eventually('the one of before runs alone', async () => {
        const tasks = (await roll.tasks()).filter(({ Status }) => Status.State === 'running')
        return tasks.map(({ Spec }) => Spec.ContainerSpec?.Args?.join(' ')).join() === 'sleep 1000'
      })
      await roll.run('deploy', 'down')
    })

    test('goes on with another version of a config, and back by --rollback', {}, async () => {
      const text = `services: {web: {image: "${IMAGE}", command: sleep 1000, stop_grace_period: 0s, configs: [c], deploy: {${FAST}}}}\nconfigs: {c: {file: ./c}}\n`
      const versions = new Project('versions', text, { c: 'one' })
      await versions.deploy()
      writeFileSync(join(versions.folder, 'c'), 'two')
      await versions.deploy()
      const configOf = async (): Promise<unknown> =>
        (await versions.tasks()).map(({ Spec }) => Spec.ContainerSpec?.Configs?.[0]?.ConfigName)
      expect(await configOf()).toEqual(['versions_c.2'])
      await versions.deploy('--rollback')
      expect(await configOf()).toEqual(['versions_c'])
      await versions.run('deploy', 'down')
      expect(left('versions')).toEqual([])
    })

    test('has the last of several deploys at once, whole', {}, async () => {
      const file = (replicas: number): string =>
        `services: {${['a', 'b', 'c'].map(key => `${key}: {image: "${IMAGE}", command: sleep 1000, stop_grace_period: 0s, environment: {V: "${replicas}"}, deploy: {${FAST}}}`).join(', ')}}`
      const both = [new Project('twice', file(1)), new Project('twice', file(2))]
      const first = await Promise.all(both.map(each => each.run('deploy', '--detach')))
      expect(first.map(({ status }) => status)).toEqual([0, 0])
      await both[1]?.deploy()
      expect(await both[1]?.plan()).toEqual([])
      await both[0]?.run('deploy', 'down')
      expect(left('twice')).toEqual([])
    })
  })

  describe('beside docker stack deploy', () => {
    const FIXTURES = resolve('src/deploy/swarm/testing/fixtures')

    // `modes` has a restart policy that Docker leaves out, and the CLI of 20.10 knows no jobs.
    test.each([
      'web',
      'mounts',
      'networks',
      'files',
    ])('makes the same services of %s, and takes theirs over', {}, async name => {
      const text = readFileSync(join(FIXTURES, `${name}.yaml`), 'utf8')
      const project = new Project(name, '', { 'password.txt': 's3cret', 'app.conf': 'x\n' })
      writeFileSync(join(project.folder, 'compose.yaml'), text)
      prepare(name)
      const client = lab.client()
      const kept = async (): Promise<unknown> => {
        const label = [`com.docker.stack.namespace=${name}`]
        const [services, networks] = await Promise.all([
          client.listServices({ filters: { label } }),
          client.listNetworks({}),
        ])
        return Object.fromEntries(
          services.map(({ Spec }) => [Spec.Name, Object.fromEntries(fieldsOf(named(Spec, networks)))]),
        )
      }
      lab.docker([
        'stack',
        'deploy',
        '--resolve-image',
        'never',
        '-c',
        join(project.folder, 'compose.yaml'),
        name,
      ])
      const theirs = await kept()
      const ours = ['-p', name]
      const run = (...argv: readonly string[]): Promise<Result> =>
        tscompose([...ours, ...argv, '-H', lab.manager], project.folder)
      const plan = await run('deploy', '--resolve-image', 'never', '--detach', '--dry-run')
      expect(plan.stdout).toMatch(/^Nothing to do/)
      await run('deploy', 'down')
      expect(left(name)).toEqual([])
      const deployed = await run('deploy', '--resolve-image', 'never', '--detach')
      expect(deployed.status, deployed.stderr).toBe(0)
      expect(await kept()).toEqual(theirs)
      lab.docker(['stack', 'rm', name])
    })

    /** What the fixtures name as external. */
    function prepare(name: string): void {
      if (name === 'networks') lab.docker(['network', 'create', '-d', 'overlay', 'theirs'])
      if (name !== 'files') return
      writeFileSync(join(lab.folder, 'given'), 'x')
      lab.docker(['secret', 'create', 'given_secret', join(lab.folder, 'given')])
    }

    test('takes no more calls for fifty services', {}, async () => {
      const services = Array.from(
        { length: 50 },
        (_, at) => `s${at}: {image: "${IMAGE}", deploy: {replicas: 0}}`,
      )
      const text = `version: "3.8"\nservices: {${services.join(', ')}}\n`
      const file = join(lab.folder, 'fifty.yaml')
      writeFileSync(file, text)
      const counted = await countCalls(lab.manager.replace('unix://', ''))
      try {
        await lab.dockerBeside(['stack', 'deploy', '-c', file, 'theirs50'])
        const theirs = counted.take().length
        const project = new Project('ours50', text.replace(/^version.*\n/, ''))
        await project.deploy('--detach')
        const ours = counted.take().length
        expect(ours).toBeLessThan(theirs)
        await lab.dockerBeside(['stack', 'deploy', '-c', file, 'theirs50'])
        const again = counted.take().length
        await project.deploy('--detach')
        expect(counted.take().length).toBeLessThan(again)
      } finally {
        counted.close()
      }
      await new Project('ours50', 'services: {}').run('deploy', 'down')
      lab.docker(['stack', 'rm', 'theirs50'])
    })
  })

  test('goes on when a node is cut off, and when it comes back', {}, async () => {
    const file = `services: {web: {image: "${IMAGE}", command: sleep 1000, stop_grace_period: 0s, deploy: {replicas: 3, placement: {max_replicas_per_node: 2}, ${FAST}}}}`
    const cut = new Project('cut', file)
    await cut.deploy()
    lab.plug('beta', false)
    const stateOf = async (name: string): Promise<string | undefined> =>
      (await lab.client().listNodes()).find(({ Description }) => Description.Hostname === name)?.Status.State
    await eventually('beta is missed', async () => (await stateOf('beta')) === 'down')
    await eventually('its tasks run elsewhere', async () => running(await cut.tasks()) === 3)
    lab.plug('beta', true)
    await eventually('beta is back', async () => (await stateOf('beta')) === 'ready')
    expect(await cut.plan()).toEqual([])
    await cut.run('deploy', 'down')
    expect(left('cut')).toEqual([])
  })

  test('has tasks of a node that died run elsewhere, and comes down all the same', {}, async () => {
    const file = `services: {web: {image: "${IMAGE}", command: sleep 1000, stop_grace_period: 0s, deploy: {replicas: 4, ${FAST}}}}`
    const moves = new Project('moves', file)
    await moves.deploy()
    const gamma = (await lab.client().listNodes()).find(
      ({ Description }) => Description.Hostname === 'gamma',
    )?.ID
    lab.kill('gamma')
    await eventually('its tasks run elsewhere', async () => {
      const tasks = await moves.tasks()
      return running(tasks) === 4 && tasks.every(({ NodeID }) => NodeID !== gamma)
    })
    expect(await moves.plan()).toEqual([])
    for (const name of ['moves', 'shop']) {
      await new Project(name, 'services: {}').run('deploy', 'down')
      expect(left(name)).toEqual([])
    }
  })
})
