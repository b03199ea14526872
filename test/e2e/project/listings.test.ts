import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What scripts read: each list in each format, with the keys and forms that Docker Compose 2.40 prints of the same stack.
let sandbox: Sandbox
let port: number

beforeAll(async () => {
  sandbox = makeSandbox()
  port = await freePort()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: five
services:
  web:
    image: busybox
    command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"]
    ports: ["127.0.0.1:${port}:80"]
    labels: {tier: front, "a.b": "x,y"}
    volumes: ["data:/data", "./:/src:ro"]
    healthcheck: {test: [CMD, "true"], interval: 1s, start_interval: 100ms, start_period: 5s}
  api: {image: busybox, command: sleep 1000, init: true, scale: 2, networks: [front, back]}
  job: {image: busybox, command: sh -c "exit 3"}
  db: {image: "busybox:latest", command: sleep 1000, init: true, volumes: ["dbdata:/db", /anon], tmpfs: /fast}
  lone: {image: busybox, command: sleep 1000, init: true, network_mode: host}
networks: {front: {}, back: {}}
volumes: {data: {labels: {v: "1"}}, dbdata: {}}
`,
  )
  await sandbox.ok('up', '-d')
  await sandbox.ok('up', '-d', '--wait', 'web')
  await sandbox.run('wait', 'job')
})
afterAll(() => sandbox.close())

const out = async (...args: string[]): Promise<string> => (await sandbox.ok(...args)).stdout
const rows = async (...args: string[]): Promise<Record<string, unknown>[]> =>
  (await out(...args))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC$/
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

describe('ps', () => {
  test('as JSON is one object a line, with the keys and forms of Docker', async () => {
    const [web] = await rows('ps', '--format', 'json', 'web')
    expect(web).toEqual({
      Command: '"sh -c \'trap \'exit 0…"',
      CreatedAt: expect.stringMatching(TIME),
      Engine: '',
      ExitCode: 0,
      Health: 'healthy',
      ID: expect.stringMatching(/^[0-9a-f]{12}$/),
      Ids: expect.stringMatching(/^from \d+$/),
      Image: 'busybox',
      Labels: expect.stringMatching(
        /^a\.b=x,y,com\.docker\.compose\.config-hash=[0-9a-f]{64},.*,tier=front$/,
      ),
      LocalVolumes: '1',
      Localhost: '',
      Mended: '',
      Mounts: expect.stringContaining('five_data'),
      Name: 'five-web-1',
      Names: 'five-web-1',
      Networks: 'five_default',
      Node: '',
      Oom: '',
      Ports: `127.0.0.1:${port}->80/tcp`,
      Project: 'five',
      Publishers: [{ URL: '127.0.0.1', TargetPort: 80, PublishedPort: port, Protocol: 'tcp' }],
      RunningFor: expect.stringMatching(/ ago$/),
      Service: 'web',
      Size: '0B',
      State: 'running',
      Status: expect.stringMatching(/^Up .* \(healthy\)$/),
    })
    expect(Object.keys(web ?? {})).toEqual(Object.keys(web ?? {}).sort())
  })

  test.each([
    [['{{.Name}} {{.State}}', 'web'], 'five-web-1 running\n'],
    [
      ['table {{.Name}}\\t{{.Service}}', '-a', 'api', 'lone'],
      'NAME          SERVICE\nfive-api-1    api\nfive-api-2    api\nfive-lone-1   lone\n',
    ],
    [['{{.Label "tier"}}|{{.Label "nosuch"}}', 'web'], 'front|\n'],
    [['{{json .Command}}', 'api', '--no-trunc'], '"\\"sleep 1000\\""\n"\\"sleep 1000\\""\n'],
    [['{{if eq .Service "job"}}{{.ExitCode}}{{else}}-{{end}}', '-a'], '-\n-\n-\n3\n-\n-\n'],
    [['{{range .Publishers}}{{.URL}}/{{.Protocol}}{{end}}', 'web'], '127.0.0.1/tcp\n'],
    [
      ['table {{.Names}}\\t{{.Health}}\\t{{.ExitCode}}\\t{{.LocalVolumes}}', 'db'],
      'NAMES       HEALTH    EXIT CODE   LOCAL VOLUMES\nfive-db-1             0           2\n',
    ],
    [['{{join (split .Mounts ",") "+"}}', 'lone'], '\n'],
    [['raw', 'nosuch-is-an-error-below', '-q'], undefined],
  ])('by the template %j', async ([template = '', ...args], wanted) => {
    const result = await sandbox.run('ps', '--format', template, ...args)
    if (wanted === undefined) expect(result.stderr).toContain('NO_SUCH_SERVICE')
    else expect(result.stdout).toBe(wanted)
  })

  test('in a table, raw, by ids, by services, by states', async () => {
    const table = (await out('ps', '-a')).split('\n')
    expect(table[0]).toMatch(/^NAME +IMAGE +COMMAND +SERVICE +CREATED +STATUS +PORTS +IDS$/)
    expect(table[4]).toMatch(/^five-job-1 +busybox +"sh -c 'exit 3'" +job .*Exited \(3\)/)
    expect(await out('ps', '--format', 'raw', 'db')).toMatch(
      /^container_id: [0-9a-f]{12}\nimage: busybox:latest\n/,
    )
    expect((await out('ps', '-aq')).trim().split('\n')).toHaveLength(6)
    expect(await out('ps', '-q', 'db')).toMatch(/^[0-9a-f]{64}\n$/)
    expect(await out('ps', '--services')).toBe('api\ndb\nlone\nweb\n')
    expect(await out('ps', '--services', '--filter', 'status=exited')).toBe('job\n')
    expect(await out('ps', '--services', '--status', 'running', '--status', 'exited')).toBe(
      'api\ndb\njob\nlone\nweb\n',
    )
    expect(await out('ps', '--services', '--status', 'paused')).toBe('')
    const whole = await out('ps', '--no-trunc', '--format', '{{.ID}} {{.Mounts}}', 'db')
    expect(whole).toMatch(/^[0-9a-f]{64} (?:[0-9a-f]{64},five_dbdata|five_dbdata,[0-9a-f]{64})\n$/)
  })

  test('leaves out what the file does not have where it is told to', async () => {
    sandbox.write('less.yaml', 'name: five\nservices: {web: {image: busybox}}\n')
    const services = async (...args: string[]): Promise<string> =>
      out('-f', 'less.yaml', 'ps', '--services', ...args)
    expect(await services()).toBe('api\ndb\nlone\nweb\n')
    expect(await services('--orphans=false')).toBe('web\n')
    expect(await services('--no-orphans')).toBe('web\n')
  })
})

describe('images', () => {
  test('as JSON is one array, with the keys of Docker Compose', async () => {
    const found = JSON.parse(await out('images', '--format', 'json'))
    expect(found).toHaveLength(6)
    expect(found[0]).toEqual({
      ID: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      ContainerName: 'five-api-1',
      Repository: 'busybox',
      Tag: 'latest',
      Platform: expect.stringMatching(/^linux\//),
      Size: expect.any(Number),
      Created: expect.stringMatching(RFC3339),
      LastTagTime: expect.stringMatching(RFC3339),
    })
  })

  test('in a table, by ids, by a template', async () => {
    const table = (await out('images')).split('\n')
    expect(table[0]).toBe(
      'CONTAINER           REPOSITORY          TAG                 PLATFORM            IMAGE ID            SIZE                CREATED',
    )
    expect(table[4]).toMatch(/^five-job-1 +busybox +latest +linux\/\w+ +[0-9a-f]{12} +[\d.]+MB +.+ ago$/)
    expect(await out('images', '-q')).toMatch(/^[0-9a-f]{64}\n$/)
    expect(await out('images', '--format', '{{.Repository}}:{{.Tag}} {{.ContainerName}}', 'db')).toBe(
      'busybox:latest five-db-1\n',
    )
    expect((await sandbox.run('images', 'nosuch')).stderr).toContain('NO_SUCH_SERVICE')
  })

  test('are those that containers were made of, also where their tag has moved on', async () => {
    const bare = ['-f', 'bare/compose.yaml'] as const
    sandbox.write('bare/Dockerfile', 'FROM busybox\nRUN touch /here\n')
    sandbox.write(
      'bare/compose.yaml',
      'name: bare\nservices: {a: {build: ., image: moved, command: "true"}}\n',
    )
    await sandbox.ok(...bare, 'up', '--no-start')
    const before = await out(...bare, 'images', '-q')
    sandbox.write('bare/Dockerfile', 'FROM busybox\nRUN touch /there\n')
    await sandbox.ok(...bare, 'build')
    expect(await out(...bare, 'images', '-q')).toBe(before)
    await sandbox.ok(...bare, 'down')
  })
})

describe('ls', () => {
  test('is the same from any folder, and as JSON one array', async () => {
    const file = `${sandbox.folder}/compose.yaml`
    expect(JSON.parse(await out('ls', '--format', 'json'))).toEqual([
      { Name: 'five', Status: 'running(5)', ConfigFiles: file },
    ])
    expect(await out('--project-directory', '/', 'ls', '-a')).toBe(
      `NAME                STATUS                  CONFIG FILES\nfive                exited(1), running(5)   ${file}\n`,
    )
  })

  test.each([
    [['-q'], 'five\n'],
    [['--filter', 'name=^fi', '-q'], 'five\n'],
    [['--filter', 'name=x', '--filter', 'name=ve', '-q'], 'five\n'],
    [['--filter', 'name=x', '--format', 'json'], '[]\n'],
    [['--format', '{{.Name}}={{.Status}}'], 'five=running(5)\n'],
  ])('%j', async (args, wanted) => {
    expect(await out('ls', ...args)).toBe(wanted)
  })

  test.each(['nosuch=x', 'name', 'name=('])('--filter %s is refused', async filter => {
    expect((await sandbox.run('ls', '--filter', filter)).stderr).toContain('FLAG_VALUE')
  })

  test('a form that there is not is refused', async () => {
    const { status, stderr } = await sandbox.run('ls', '--format', 'jsno')
    expect([status, /^error (\w+)/.exec(stderr)?.[1]]).toEqual([1, 'FLAG_VALUE'])
  })
})

describe('volumes', () => {
  test('as JSON is one object a line, with the keys of Docker', async () => {
    const [data, ...others] = await rows('volumes', '--format', 'json')
    expect(others).toHaveLength(1)
    expect(data).toEqual({
      Availability: 'N/A',
      Driver: 'local',
      Group: 'N/A',
      Labels: expect.stringMatching(/^com\.docker\.compose\.config-hash=.*,v=1$/),
      Links: 'N/A',
      Mountpoint: expect.stringMatching(/\/five_data\/_data$/),
      Name: 'five_data',
      Scope: 'local',
      Size: 'N/A',
      Status: 'N/A',
    })
  })

  test.each([
    [[], 'DRIVER    VOLUME NAME\nlocal     five_data\nlocal     five_dbdata\n'],
    [['-q'], 'five_data\nfive_dbdata\n'],
    [['web'], 'DRIVER    VOLUME NAME\nlocal     five_data\n'],
    [['job'], 'DRIVER    VOLUME NAME\n'],
    [['--format', 'table {{.Name}}\\t{{.Label "v"}}', 'web'], 'VOLUME NAME   v\nfive_data     1\n'],
    [['--format', 'raw', 'db'], 'name: five_dbdata\ndriver: local\n\n'],
  ])('%j', async (args, wanted) => {
    expect(await out('volumes', ...args)).toBe(wanted)
  })
})

test.each([
  'ps',
  'images',
  'ls',
  'volumes',
])('%s shows what is wrong with a template in it', async command => {
  const unread = await sandbox.run(command, '--format', '{{.Name')
  expect(unread).toMatchObject({ status: 1, stdout: '' })
  expect(unread.stderr).toMatch(/TEMPLATE_SYNTAX --format:1:1 /)
  const { stderr, status } = await sandbox.run(command, '--format', 'table {{.Nosuch}}')
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /TEMPLATE_VALUE --format:1:9 .*\n.*\{\{\.Nosuch\}\}\n +\| +\^{7}\n +hint: .*fields are /,
  )
})
