import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asked, program, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { takeInventory } from '../harness/inventory.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// The recipes as users get them. Their files and plans are looked at each time; to build them all takes minutes, and is for who asks.
const RECIPES = readdirSync('examples')
const PAGE = readFileSync('docs/recipes.md', 'utf8')

let sandbox: Sandbox
beforeAll(() => {
  sandbox = makeSandbox()
  for (const recipe of RECIPES)
    cpSync(`examples/${recipe}`, join(sandbox.folder, recipe), { recursive: true })
})
afterAll(() => sandbox.close())

const inRecipe = (recipe: string): string[] => ['--project-directory', join(sandbox.folder, recipe)]
const sectionOf = (recipe: string): string =>
  PAGE.split('\n## ').find(section => section.includes(`](../examples/${recipe})`)) ?? ''

/** Types the line of the page that makes what is in no repository. */
function makeCertificate(): void {
  const [line = ''] = /openssl req .*/.exec(sectionOf('https')) ?? []
  execFileSync('sh', ['-c', `mkdir -p certs; ${line}`], { cwd: join(sandbox.folder, 'https'), stdio: 'pipe' })
}

requires(program('openssl')).describe('the page of recipes', () => {
  beforeAll(makeCertificate)

  test.each(RECIPES)('%s is as the page says, and there is nothing to warn of', async recipe => {
    await sandbox.ok(...inRecipe(recipe), 'config', '-q')
    const lint = await sandbox.ok(...inRecipe(recipe), 'lint', '--json')
    expect(JSON.parse(lint.stdout).findings).toEqual([])
    const [, plan] = /```text\n([\s\S]*?)```/.exec(sectionOf(recipe)) ?? []
    expect((await sandbox.ok(...inRecipe(recipe), 'plan')).stdout).toBe(plan)
  })
})

// LAMP has tests of its own, in lamp.test.ts.
requires(asked('TSCOMPOSE_TEST_RECIPES'), program('openssl')).describe('each recipe as a whole', () => {
  let port: number
  let other: number
  beforeAll(async () => {
    makeCertificate()
    port = await freePort()
    other = await freePort()
  })

  const run = async (recipe: string, ...args: string[]): Promise<string> => {
    const set = `WEB_PORT=${port}\nHTTP_PORT=${port}\nHTTPS_PORT=${other}\n`
    writeFileSync(join(sandbox.folder, recipe, '.env'), set)
    return (await sandbox.ok(...inRecipe(recipe), ...args)).stdout
  }
  const up = (recipe: string): Promise<string> => run(recipe, 'up', '-d', '--wait')
  const read = async (path: string, init: RequestInit = {}): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, init)).text()
  const visit = async (): Promise<{ visits: number; hits: number }> => JSON.parse(await read('/'))

  test('node counts in both, over down, up and restarted servers', { timeout: 900_000 }, async () => {
    await up('node')
    expect(await visit()).toEqual({ visits: 1, hits: 1 })
    await run('node', 'down')
    await up('node')
    expect(JSON.parse(await run('node', 'plan', '--json')).operations).toEqual([])
    expect(await visit()).toEqual({ visits: 2, hits: 2 })
    await run('node', 'restart', 'db', 'cache')
    await eventually('it counts again', async () => (await visit()).hits > 2)
    expect(
      await run('node', 'exec', '-T', 'db', 'psql', '-h', '/tmp', '-U', 'shop', '-c', 'TABLE visits'),
    ).toContain('rows)')
    await run('node', 'down', '-v')
  })

  test('python does its jobs in several workers', { timeout: 900_000 }, async () => {
    await up('python')
    const jobs = await Promise.all(
      Array.from({ length: 20 }, () => read('/jobs', { method: 'POST', body: 'hello' })),
    )
    const results = await eventually('all are done', async () => {
      const texts = await Promise.all(jobs.map(job => read(job.trim())))
      return texts.every(text => text.startsWith('HELLO by ')) && texts
    })
    expect(results).toHaveLength(20)
    await run('python', 'scale', 'worker=4')
    expect((await run('python', 'ps', '-q', 'worker')).trim().split('\n')).toHaveLength(4)
    await run('python', 'down', '-v')
  })

  test('the proxy reaches all containers, and follows scale', { timeout: 900_000 }, async () => {
    const hosts = async (): Promise<number> => {
      const answers = await Promise.all(Array.from({ length: 30 }, () => read('/')))
      return new Set(answers.map(answer => answer.split(' ')[0])).size
    }
    await up('proxy')
    await eventually('all three answer', async () => (await hosts()) === 3)
    await run('proxy', 'scale', 'app=1')
    await eventually('one answers', async () => (await hosts()) === 1)
    await run('proxy', 'down', '-v')
  })

  test('https has the certificate, takes a new one up, and leads there', { timeout: 900_000 }, async () => {
    await up('https')
    const certificate = (): string => readFileSync(join(sandbox.folder, 'https/certs/site.pem'), 'utf8')
    expect(await readSecurely(other, certificate())).toBe(
      readFileSync('examples/https/html/index.html', 'utf8'),
    )
    const { status, headers } = await fetch(`http://127.0.0.1:${port}/x`, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([301, 'https://127.0.0.1/x'])
    makeCertificate()
    await run('https', 'kill', '-s', 'HUP', 'web')
    await eventually('the new one is shown', () =>
      readSecurely(other, certificate()).then(
        () => true,
        () => false,
      ),
    )
    await run('https', 'down', '-v')
  })

  test('nothing is left on the machine', async () => {
    await eventually('the engine ends', () => sandbox.enginePid() === undefined)
    expect(takeInventory(sandbox.env).processes).toEqual([])
  })
})

function readSecurely(port: number, ca: string): Promise<string> {
  return new Promise((settle, fail) => {
    get({ host: '127.0.0.1', servername: 'localhost', port, ca, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => settle(text))
    }).on('error', fail)
  })
}

describe('the page of tests', () => {
  test('its example runs by Node alone', async () => {
    await sandbox.busybox()
    const text = readFileSync('docs/tests.md', 'utf8')
    const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(text) ?? []
    const [, file = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? []
    sandbox.write('shop/compose.yaml', file)
    sandbox.write(
      'shop/Dockerfile',
      'FROM busybox\nRUN mkdir /www && echo hello > /www/index.html\nSTOPSIGNAL KILL\nCMD echo ready; exec httpd -f -p 80 -h /www\n',
    )
    // Inside of the package, where its own name leads to it.
    const folder = mkdtempSync('dist/tests-')
    try {
      writeFileSync(join(folder, 'shop.test.ts'), example)
      execFileSync(resolve('node_modules/.bin/esbuild'), [
        join(folder, 'shop.test.ts'),
        `--outfile=${join(folder, 'shop.test.mjs')}`,
        '--log-level=error',
      ])
      const output = execFileSync(
        process.execPath,
        ['--test', '--test-reporter=tap', resolve(folder, 'shop.test.mjs')],
        {
          cwd: sandbox.folder,
          env: sandbox.env,
          encoding: 'utf8',
        },
      )
      expect(output).toMatch(/^# pass 3$/m)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
