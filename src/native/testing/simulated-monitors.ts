import { rmSync } from 'node:fs'
import { connectMonitor } from '../monitor-connection.ts'
import type { MonitorConnection } from '../native.ts'
import type { Program } from '../program.ts'
import { type NativeScript, RecordingNative } from '../recording.ts'
import { type MonitorScript, SimulatedMonitor } from './simulated-monitor.ts'

/** The monitors of a machine. They outlive the engines that launch them. */
export class SimulatedMonitors {
  /** In the order of their launches. */
  readonly all: SimulatedMonitor[] = []
  /** For monitors that are launched from now on. */
  script: MonitorScript = {}
  /** Awaited before anybody connects to one. */
  onConnect: () => void | Promise<void> = () => undefined

  /** The native program of one engine: it records, and its monitors are simulated. */
  native(script: NativeScript = {}): RecordingNative {
    return new SimulatedNative(this, script)
  }

  /** The newest. */
  get last(): SimulatedMonitor {
    const monitor = this.all.at(-1)
    if (monitor === undefined) throw new Error('no monitor was launched')
    return monitor
  }

  get living(): SimulatedMonitor[] {
    return this.all.filter(monitor => monitor.lives)
  }

  async launch(program: Program): Promise<void> {
    this.all.push(await SimulatedMonitor.launch(program, this.script))
  }

  /** Ends them all, as a reboot does. */
  async killAll(): Promise<void> {
    await Promise.all(this.living.map(monitor => monitor.die()))
  }
}

class SimulatedNative extends RecordingNative {
  readonly #monitors: SimulatedMonitors
  readonly #programs = new Map<string, Program>()

  constructor(monitors: SimulatedMonitors, script: NativeScript) {
    super(script)
    this.#monitors = monitors
  }

  override async startMonitor(program: Program): Promise<void> {
    await super.startMonitor(program)
    const socket = program.supervise?.find(op => op.op === 'monitor')?.socket ?? ''
    // The real one unlinks what a monitor that was killed has left.
    rmSync(socket, { force: true })
    await this.#monitors.launch(program)
    this.#programs.set(socket, program)
  }

  override async connectMonitor(socket: string): Promise<MonitorConnection> {
    this.calls.push({ call: 'connectMonitor', socket })
    await this.#monitors.onConnect()
    return connectMonitor(socket, this.#programs.get(socket))
  }
}
