import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Result, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { COMPOSE } from './compose.ts'

const SLEEPS = 'image: busybox, init: true, command: sleep 100'

// Hard cases of each command, one project at a time; what they give was seen to be the same with Docker's own engine.
requires(present('Docker Compose', COMPOSE)).describe('Docker Compose, command by command', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
  })
  afterEach(async () => {
    await compose('down', '-v', '-t', '0', '--remove-orphans')
  })
  afterAll(() => sandbox.close())

  const environment = (): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    HOME: sandbox.folder,
    DOCKER_HOST: `unix://${sandbox.socket}`,
    DOCKER_CONFIG: join(sandbox.folder, 'docker-config'),
    COMPOSE_PROGRESS: 'plain',
    OF_THE_CLIENT: 'of the client',
  })
  const compose = (...args: string[]): Promise<Result> => composeWith('', ...args)
  const composeWith = (input: string, ...args: string[]): Promise<Result> => {
    const options = { cwd: sandbox.folder, env: environment(), timeout: 60_000 }
    return runProgram(COMPOSE ?? '', ['-p', 'p', '--ansi', 'never', ...args], options, input)
  }
  const ok = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await compose(...args)
    expect({ args, status, stderr }).toMatchObject({ args, status: 0 })
    return stdout
  }
  const services = (text: string): void => {
    showLogOnFailure(sandbox)
    sandbox.write('compose.yaml', `services:\n${text}`)
  }
  /** `a-1 running`, sorted. */
  const states = async (): Promise<string[]> => {
    const rows = await ok('ps', '-a', '--format', '{{.Name}} {{.State}}')
    return rows.trim().replaceAll('p-', '').split('\n').sort()
  }

  test('up: the first that ends takes all along, and whose code counts is said', async () => {
    services(`
  on: {${SLEEPS}}
  done: {image: busybox, command: "true", depends_on: [on]}
  fails: {image: busybox, command: sh -c 'exit 7', depends_on: {done: {condition: service_completed_successfully}}}
`)
    expect(await compose('up', '-t', '0', '--exit-code-from', 'fails')).toMatchObject({ status: 7 })
    expect(await states()).toEqual(['done-1 exited', 'fails-1 exited', 'on-1 exited'])
    expect(await compose('up', '-t', '0', '--abort-on-container-failure')).toMatchObject({ status: 7 })
  })

  test('up: conditions that are not met, and waiting', async () => {
    services(`
  well: {${SLEEPS}, healthcheck: {test: "true", interval: 100ms}}
  ill: {${SLEEPS}, healthcheck: {test: "false", interval: 100ms, retries: 1}}
  after: {${SLEEPS}, depends_on: {ill: {condition: service_healthy}}}
  fails: {image: busybox, command: "false"}
  then: {${SLEEPS}, depends_on: {fails: {condition: service_completed_successfully}}}
  anyway: {${SLEEPS}, depends_on: {fails: {condition: service_completed_successfully, required: false}}}
`)
    await ok('up', '-d', '--wait', 'well')
    expect(await compose('up', '-d', 'after')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('container p-ill-1 is unhealthy'),
    })
    expect((await compose('up', '-d', 'then')).status).not.toBe(0)
    await ok('up', '-d', 'anyway')
    expect(await states()).toEqual(expect.arrayContaining(['after-1 created', 'anyway-1 running']))
  })

  test('configs and secrets come from files, variables and text, with owners and modes', async () => {
    sandbox.write('given', 'of a file\n')
    services(`
  reads:
    image: busybox
    command: sh -c 'cat /file /text /run/secrets/*; stat -c "%u:%g %a" /text /run/secrets/variable'
    configs: [{source: file, target: /file}, {source: text, target: /text, uid: "5", mode: 0400}]
    secrets: [{source: variable, uid: "3", gid: "4", mode: 0440}]
configs: {file: {file: given}, text: {content: "of text "}}
secrets: {variable: {environment: OF_THE_CLIENT}}
`)
    expect(await ok('run', '--rm', 'reads')).toBe('of a file\nof text of the client5:0 400\n3:4 440\n')
  })

  test('run and exec: codes, input, users, folders, and what is not there', async () => {
    services(`
  on: {${SLEEPS}, environment: {WHO: on}, user: "7:8", working_dir: /tmp, scale: 2}
  once: {image: busybox, entrypoint: [echo, said], command: [by default], depends_on: [on]}
`)
    expect(await ok('run', '--rm', '--no-deps', 'once')).toBe('said by default\n')
    expect(await ok('run', '--rm', 'once', 'otherwise')).toBe('said otherwise\n')
    expect(
      await ok(
        'run',
        '--rm',
        '-e',
        'WHO=me',
        '-w',
        '/',
        '-u',
        '0',
        'on',
        'sh',
        '-c',
        'echo $WHO $PWD; id -u',
      ),
    ).toBe('me /\n0\n')
    expect(await compose('run', '--rm', 'on', 'sh', '-c', 'exit 9')).toMatchObject({ status: 9 })
    expect(await composeWith('through\n', 'run', '--rm', '-T', 'on', 'cat')).toMatchObject({
      stdout: 'through\n',
    })
    await ok('up', '-d')
    expect(await ok('exec', '-T', 'on', 'sh', '-c', 'echo $WHO $PWD; id -u; id -g')).toBe('on /tmp\n7\n8\n')
    expect(await composeWith('through\n', 'exec', '-T', '--index', '2', 'on', 'cat')).toMatchObject({
      stdout: 'through\n',
    })
    expect(await compose('exec', '-T', 'on', 'nosuch')).toMatchObject({ status: 127 })
    expect(await compose('exec', '-T', '--index', '3', 'on', 'true')).toMatchObject({ status: 1 })
    await ok('pause')
    expect(await compose('exec', '-T', 'on', 'true')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is paused, unpause the container before exec'),
    })
    await ok('unpause')
  })

  test('cp: both ways, archives, to one and to all', async () => {
    services(`  on: {${SLEEPS}, scale: 2}\n`)
    await ok('up', '-d')
    sandbox.write('sent/inner', 'copied')
    await ok('cp', '--all', 'sent', 'on:/')
    for (const index of ['1', '2'])
      expect(await ok('exec', '-T', '--index', index, 'on', 'cat', '/sent/inner')).toBe('copied')
    await ok('cp', '--index', '2', 'on:/sent/inner', 'back')
    expect(readFileSync(join(sandbox.folder, 'back'), 'utf8')).toBe('copied')
    expect((await compose('cp', 'on:/sent', '-')).stdout).toContain('inner')
    const missing = await compose('cp', '--index', '1', 'on:/nosuch', 'back')
    expect(missing.stderr).toMatch(/Could not find the file \/nosuch in container [0-9a-f]{64}/)
    expect((await compose('cp', 'nosuch', 'on:/')).status).toBe(1)
  })

  test('scale, recreate and what depends on it', async () => {
    services(`
  a: {${SLEEPS}, depends_on: [b], environment: {V: "\${V:-1}"}}
  b: {${SLEEPS}}
`)
    await ok('up', '-d', '--scale', 'a=3')
    await ok('scale', 'a=1', 'b=2')
    expect(await states()).toEqual(['a-1 running', 'b-1 running', 'b-2 running'])
    expect((await compose('up', '-d', '--scale', 'b=2')).stderr).not.toMatch(/Recreat|Creat|Starting/)
    sandbox.write('.env', 'V=2\n')
    const again = (await compose('up', '-d', '-t', '0', '--scale', 'b=2')).stderr
    rmSync(join(sandbox.folder, '.env'))
    expect(again).toContain('Container p-a-1  Recreated')
    expect(again).not.toContain('b-1  Recreate')
    expect(await ok('exec', '-T', 'a', 'sh', '-c', 'echo $V')).toBe('2\n')
    await ok('up', '-d', '-t', '0', '--force-recreate', '--no-deps', 'a')
    await ok('up', '--no-start', '-t', '0')
  })

  test('start, stop, kill, restart and rm', async () => {
    services(`
  a: {${SLEEPS}, depends_on: {b: {condition: service_started, restart: true}}}
  b: {${SLEEPS}}
  traps: {image: busybox, stop_signal: SIGUSR1, command: sh -c 'trap "exit 5" USR1; echo trapped; while true; do sleep 0.1; done'}
  deaf: {image: busybox, stop_grace_period: 100ms, command: sh -c 'trap "" TERM; while true; do sleep 0.1; done'}
`)
    await ok('create')
    expect(await states()).toEqual(['a-1 created', 'b-1 created', 'deaf-1 created', 'traps-1 created'])
    await ok('start')
    await eventually('the trap is set', async () => (await ok('logs', 'traps')).includes('trapped'))
    await ok('stop', 'traps', 'deaf')
    const codes = await ok('ps', '-a', '--status', 'exited', '--format', '{{.Service}} {{.ExitCode}}')
    expect(codes.trim().split('\n').sort()).toEqual(['deaf 137', 'traps 5'])
    expect((await compose('restart', '-t', '0', 'b')).stderr).toContain('Container p-a-1  Started')
    await ok('kill', '-s', 'KILL', 'a')
    await ok('rm', '-fsv', 'a')
    expect((await states()).map(row => row.split('-')[0])).toEqual(['b', 'deaf', 'traps'])
    expect((await compose('start', 'nosuch')).status).toBe(1)
  })

  test('orphans, profiles and names that are taken', async () => {
    services(`
  a: {${SLEEPS}}
  gone: {${SLEEPS}}
  tool: {${SLEEPS}, profiles: [tools], depends_on: [a]}
`)
    await ok('up', '-d')
    expect(await states()).toEqual(['a-1 running', 'gone-1 running'])
    services(`  a: {${SLEEPS}}\n  tool: {${SLEEPS}, profiles: [tools], depends_on: [a]}\n`)
    expect((await compose('up', '-d')).stderr).toContain('orphan')
    await ok('--profile', 'tools', 'up', '-d', '-t', '0', '--remove-orphans')
    expect(await states()).toEqual(['a-1 running', 'tool-1 running'])
    await ok('down', '-t', '0', '--remove-orphans')
    services(`  a: {${SLEEPS}, container_name: only}\n`)
    await ok('up', '-d')
    expect((await compose('-p', 'q', 'up', '-d')).stderr).toContain('is already in use by container')
    await ok('-p', 'q', 'down')
  })

  test('networks: aliases, addresses, none, internal, and another subnet', async () => {
    services(`
  a: {${SLEEPS}, networks: {n: {aliases: [alias]}, m: {ipv4_address: 10.199.77.9}}}
  b: {${SLEEPS}, networks: [n]}
  c: {${SLEEPS}, network_mode: none}
  d: {${SLEEPS}, network_mode: "service:a", pid: "service:a"}
networks:
  n: {internal: true}
  m: {ipam: {config: [{subnet: 10.199.77.0/24, gateway: 10.199.77.1}]}}
`)
    await ok('up', '-d')
    await ok('exec', '-T', 'b', 'ping', '-c1', '-W5', 'alias')
    expect(await ok('exec', '-T', 'c', 'ls', '/sys/class/net')).toBe('lo\n')
    expect(await ok('exec', '-T', 'd', 'ip', '-o', '-4', 'a')).toContain('10.199.77.9')
    const changed = readFileSync(join(sandbox.folder, 'compose.yaml'), 'utf8').replaceAll(
      '10.199.77',
      '10.199.78',
    )
    sandbox.write('compose.yaml', changed)
    await ok('up', '-d', '-t', '0')
    expect(await ok('exec', '-T', 'a', 'ip', '-o', '-4', 'a')).toContain('10.199.78.9')
  })

  test('volumes: what stays with a new container, what does not, and what is not ours', async () => {
    services(`
  a: {${SLEEPS}, volumes: ["named:/named", "/anonymous"]}
  b: {${SLEEPS}, volumes_from: [a]}
volumes: {named: {labels: {x: y}}}
`)
    await ok('up', '-d')
    await ok('exec', '-T', 'a', 'sh', '-c', 'echo 1 > /named/x; echo 2 > /anonymous/y')
    expect(await ok('exec', '-T', 'b', 'cat', '/named/x', '/anonymous/y')).toBe('1\n2\n')
    await ok('up', '-d', '-t', '0', '--force-recreate')
    expect(await ok('exec', '-T', 'a', 'cat', '/anonymous/y')).toBe('2\n')
    await ok('up', '-d', '-t', '0', '-V', '--force-recreate')
    expect(await ok('exec', '-T', 'a', 'ls', '/anonymous')).toBe('')
    await ok('down', '-t', '0', '-v')
    services(`  a: {${SLEEPS}, volumes: ["other:/e"]}\nvolumes: {other: {external: true, name: nosuch}}\n`)
    expect((await compose('up', '-d')).stderr).toContain('external volume "nosuch" not found')
  })

  test('hooks, events and wait', async () => {
    services(`
  a:
    ${SLEEPS.replaceAll(', ', '\n    ')}
    volumes: ["kept:/v"]
    post_start: [{command: sh -c 'echo started >> /v/log', user: "0"}]
  ends: {image: busybox, command: sh -c 'cat /v/log; exit 4', volumes: ["kept:/v"], profiles: [x]}
volumes: {kept: {}}
`)
    const events = spawn(COMPOSE ?? '', ['-p', 'p', 'events', '--json'], {
      cwd: sandbox.folder,
      env: environment(),
    })
    let told = ''
    events.stdout.on('data', (chunk: Buffer) => {
      told += chunk
    })
    try {
      // Whoever asks late has missed what was before.
      await eventually('it hears of what happens', async () => {
        await ok('create', '--force-recreate')
        return told !== ''
      })
      await ok('up', '-d')
      await ok('stop', '-t', '0', 'a')
      const actions = (): string[] =>
        told
          .trim()
          .split('\n')
          .filter(line => line !== '')
          .map(line => JSON.parse(line).action)
      await eventually('the events come', () => actions().includes('die'))
    } finally {
      events.kill('SIGKILL')
    }
    expect(await compose('--profile', 'x', 'run', '--rm', 'ends')).toMatchObject({
      status: 4,
      stdout: 'started\n',
    })
    services(`  ends: {image: busybox, command: sh -c 'sleep 8; exit 4'}\n`)
    await ok('up', '-d', '--remove-orphans')
    expect(await compose('wait', '--down-project', 'ends')).toMatchObject({ status: 4 })
    expect(await ok('ps', '-aq')).toBe('')
  })

  test('watch brings files, takes them away again, and says nothing of failures', async () => {
    sandbox.write('watched/file', 'one')
    services(
      `  a: {${SLEEPS}, build: {dockerfile_inline: "FROM busybox"}, develop: {watch: [{path: watched, target: /app, action: sync, initial_sync: true}]}}
`.replace('image: busybox', 'image: watching'),
    )
    await ok('up', '-d', '--build')
    const watch = spawn(COMPOSE ?? '', ['-p', 'p', '--ansi', 'never', 'watch', '--no-up'], {
      cwd: sandbox.folder,
      env: environment(),
    })
    let told = ''
    for (const stream of [watch.stdout, watch.stderr])
      stream.on('data', (chunk: Buffer) => {
        told += chunk
      })
    const inside = async (): Promise<string> => (await compose('exec', '-T', 'a', 'ls', '/app')).stdout
    try {
      await eventually('it watches', () => told.includes('Watch enabled'))
      sandbox.write('watched/new', 'two')
      await eventually('the new file is there', async () => (await inside()).includes('new'))
      rmSync(join(sandbox.folder, 'watched/new'))
      await eventually('it is gone', async () => !(await inside()).includes('new'))
      expect(told).not.toContain('Error')
    } finally {
      watch.kill('SIGKILL')
    }
  })
})
