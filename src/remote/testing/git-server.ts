import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

/** A repository that `git daemon` serves on loopback. */
export class GitServer {
  readonly #folder: string
  readonly #daemon: ChildProcess
  readonly #port: number

  private constructor(folder: string, daemon: ChildProcess, port: number) {
    this.#folder = folder
    this.#daemon = daemon
    this.#port = port
  }

  /** Serves an empty repository below a folder. */
  static async start(folder: string): Promise<GitServer> {
    mkdirSync(join(folder, 'app'), { recursive: true })
    const port = await freePort()
    const daemon = spawn(
      'git',
      [
        'daemon',
        '--verbose',
        '--export-all',
        '--reuseaddr',
        '--listen=127.0.0.1',
        `--port=${port}`,
        `--base-path=${folder}`,
        folder,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    await new Promise<void>((resolve, reject) => {
      daemon.once('error', reject)
      daemon.once('exit', status => reject(new Error(`git daemon ended with ${status}`)))
      daemon.stderr?.on('data', (text: Buffer) => {
        if (text.includes('Ready to rumble')) resolve()
      })
    })
    const server = new GitServer(folder, daemon, port)
    server.#git('init', '--quiet', '--initial-branch=main')
    return server
  }

  get url(): string {
    return `git://127.0.0.1:${this.#port}/app`
  }

  /** Writes files (or symbolic links, `-> TARGET`) and commits them; returns the commit. */
  commit(files: Readonly<Record<string, string>>): string {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.#folder, 'app', name)
      mkdirSync(dirname(path), { recursive: true })
      if (text.startsWith('-> ')) symlinkSync(text.slice(3), path)
      else writeFileSync(path, text)
    }
    this.#git('add', '--all')
    this.#git('commit', '--quiet', '--message=change')
    return this.#git('rev-parse', 'HEAD').trim()
  }

  tag(name: string): void {
    this.#git('tag', '--annotate', '--message=tag', name)
  }

  async close(): Promise<void> {
    if (this.#daemon.exitCode !== null || this.#daemon.signalCode !== null) return
    const ended = new Promise(resolve => this.#daemon.once('exit', resolve))
    this.#daemon.kill('SIGTERM')
    await ended
  }

  #git(...args: readonly string[]): string {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com']
    return execFileSync('git', [...who, ...args], { cwd: join(this.#folder, 'app'), encoding: 'utf8' })
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise(resolve => probe.close(resolve))
  return port
}
