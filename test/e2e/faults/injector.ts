// The native program with one system call of it made to fail, or killed there (native/test/inject-fault.c).
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNative, findNative, type Native, type Program } from '../../../src/native/index.ts'

/** Where a fault is: the so-manieth system call of the so-manieth process, of which the first is the spawner and the second of one mode. */
export interface Position {
  readonly process: number
  readonly call: number
}

/** A system call that a process made before the payload was executed. */
export interface Call extends Position {
  readonly name: string
}

/** What became of the program until the payload was executed, or all had ended. */
export interface Report {
  readonly calls: readonly Call[]
  /** The call that the fault came at; undefined: none was reached. */
  readonly fault: Call | undefined
  readonly payload: boolean
}

/** An errno, or death. */
export type Fault = number | 'kill'

/** What a fault is to befall; other modes run as they are. `repair`: those of `run` that put something right in a container that runs. */
export type InjectedMode = 'monitor' | 'exec' | 'run' | 'repair'

/**
 * Compiles the injector, and is the native program with a fault where one is set. The spawner is begun anew for each process of the mode,
 * and is the first of the processes that may have it.
 */
export class Injector {
  readonly #folder: string = mkdtempSync('/var/tmp/tsc-inject-')
  readonly #sound = createNative()
  readonly #faulty = createNative({ path: this.#path('native') })
  #mode: InjectedMode | undefined
  readonly native: Native = {
    ...this.#faulty,
    run: program => this.#by(isRepair(program) ? 'repair' : 'run').run(program),
    holdUserns: program => this.#sound.holdUserns(program),
    unpack: (program, fill) => this.#sound.unpack(program, fill),
    pack: program => this.#sound.pack(program),
    runForeground: (program, options) => this.#by('run').runForeground(program, options),
    exec: (program, options) => this.#by('exec').exec(program, options),
  }

  constructor() {
    const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O1']
    execFileSync('gcc', [...flags, '-o', this.#path('inject'), 'native/test/inject-fault.c'])
    this.disarm()
  }

  #by(mode: InjectedMode): Native {
    return this.#mode === mode ? this.#faulty : this.#sound
  }

  /** From now on each process of the mode is watched, and has the fault at its position. */
  arm(mode: InjectedMode, position: Position = { process: 0, call: 0 }, fault: Fault = 0): void {
    rmSync(this.#path('report'), { force: true })
    this.#mode = mode
    const plan = [this.#path('report'), position.process, position.call, fault].join(' ')
    this.#write(`exec ${this.#path('inject')} ${plan} ${findNative()} "$@"\n`)
  }

  disarm(): void {
    this.#mode = undefined
    this.#write('')
  }

  report(): Report {
    const path = this.#path('report')
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
    const all = lines.map(line => /^(\w+) (\d+) (\d+) (\d+)$/.exec(line)).filter(line => line !== null)
    const of = (kind: string): Call[] =>
      all
        .filter(([, word]) => word === kind)
        .map(([, , process, call, number]) => ({
          process: Number(process),
          call: Number(call),
          name: SYSTEM_CALLS.get(Number(number)) ?? `number ${number}`,
        }))
    return { calls: of('call'), fault: of('fault')[0], payload: of('payload').length > 0 }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  /** Written anew, not over: a shell may be reading what was before. */
  #write(line: string): void {
    rmSync(this.#path('native'), { force: true })
    writeFileSync(this.#path('native'), `#!/bin/sh\n${line}exec ${findNative()} "$@"\n`)
    chmodSync(this.#path('native'), 0o755)
  }
}

function isRepair({ outside = [] }: Program): boolean {
  return outside.some(({ op }) => op === 'enter' || op === 'setLimit')
}

const HEADERS = ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h', '/usr/include/asm/unistd_64.h']

/** Names of system calls by number, as the C library's headers have them. */
const SYSTEM_CALLS: ReadonlyMap<number, string> = new Map(
  HEADERS.filter(path => existsSync(path))
    .slice(0, 1)
    .flatMap(path => [...readFileSync(path, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm)])
    .map(([, name = '', number]) => [Number(number), name]),
)
