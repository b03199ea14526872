import { parentPort } from 'node:worker_threads'
import { type Failure, failure, renderDiagnostics } from '../../diagnostics/index.ts'
import { engineLost } from '../../project/failures.ts'
import { statePaths } from '../../project/state-paths.ts'
import type { BeginningCommand, Edges, IfLost } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { useColor } from '../global-options.ts'
import { type Handling, handlingOf } from '../if-lost/handling.ts'
import { runCli } from '../program.ts'
import { standardStreams } from '../standard-streams.ts'
import type { Conversation } from './conversation.ts'
import { FarSignals } from './far-signals.ts'
import type { WorkerData, WorkerWord } from './hands.ts'
import type { OpenedFiles } from './opened-files.ts'
import { needsOwnProcess } from './own-process.ts'
import { becomeProcessOf, type CommandRequest } from './request.ts'
import { FarInput, FarOutput } from './streams.ts'
import { endSoon } from './traces.ts'
import { type IF_LOST, KIND, numberAt, numbers } from './wire.ts'

/** What the thread has for its commands. */
export interface Thread {
  readonly engine: WorkerData
  /** Files that its code opens. */
  readonly files: OpenedFiles
  /** Connections that it has made so far. */
  readonly connections: () => number
}

/** What the engine has started with. */
const startedWith: Readonly<Record<string, string | undefined>> = { ...process.env }

const WORDS_OF: Readonly<Record<Exclude<Handling, 'cold'>, keyof typeof IF_LOST>> = {
  looks: 'looks',
  leads: 'again',
  once: 'tell',
}

/** A command of a launcher, in this thread, from its request until its end has been told. */
export class OneCommand {
  readonly #conversation: Conversation
  readonly #request: CommandRequest
  readonly #thread: Thread
  readonly #connectionsBefore: number
  readonly #outputs: readonly [FarOutput, FarOutput]
  #isOver = false
  #isRefused = false
  #goesCold = false
  #command: BeginningCommand | undefined
  /** What is done where the engine is lost before the command has said anything else. */
  #atFirst: keyof typeof IF_LOST = 'looks'

  constructor(conversation: Conversation, request: CommandRequest, thread: Thread) {
    this.#conversation = conversation
    this.#request = request
    this.#thread = thread
    this.#connectionsBefore = thread.connections()
    this.#outputs = [
      new FarOutput(conversation, 0, request.streams[1]),
      new FarOutput(conversation, 1, request.streams[2]),
    ]
  }

  /** Whether nothing of it goes on here: it has ended by itself, or was never begun. */
  get isOver(): boolean {
    return this.#isOver || this.#isRefused
  }

  run(): void {
    becomeProcessOf(this.#request)
    this.#listen()
    this.#thread.files.hear(this.#onOwnFile)
    process.on('beforeExit', this.#end).on('exit', this.#onExit)
    void runCli(this.#request.words, this.#edges()).then(status => {
      process.exitCode = status
      endSoon(this.#end)
    })
  }

  /** Gives back what it had of the thread. */
  dispose(): void {
    this.#thread.files.hear(undefined)
    process.off('beforeExit', this.#end).off('exit', this.#onExit)
    process.exitCode = undefined
  }

  #edges(): Edges {
    const [stdout, stderr] = this.#outputs
    const conversation = this.#conversation
    const { streams: kinds, cwd, calledAs, pid } = this.#request
    let stdin: FarInput | undefined
    const streams = standardStreams({
      stdin: () => {
        stdin ??= new FarInput(conversation, kinds[0])
        return stdin as unknown as NodeJS.ReadStream
      },
      stdout: () => stdout as unknown as NodeJS.WriteStream,
      stderr: () => stderr as unknown as NodeJS.WriteStream,
      tell: text => void stderr.write(text),
    })
    return {
      streams,
      env: process.env,
      cwd,
      calledAs,
      pid,
      signals: new FarSignals(conversation, () => process.exit(EXIT.interrupted)),
      readInput: () => {
        throw failure({
          code: 'INTERNAL',
          summary: 'standard input is read to its end by a process of its own alone',
        })
      },
      begin: command => this.#begin(command),
      ifLost: this.#ifLost(streams),
    }
  }

  /** Says so and waits for the end where the command is not for this engine's host. */
  #begin(command: BeginningCommand): Promise<void> {
    const handling = handlingOf(command.name, command.values)
    const { root, run } = statePaths(command.env)
    const isHere = root === this.#thread.engine.root && run === this.#thread.engine.run
    if (isHere && handling !== 'cold' && !needsOwnProcess(command, this.#request.words, startedWith)) {
      this.#command = command
      this.#atFirst = WORDS_OF[handling]
      this.#conversation.ifLost(this.#atFirst, this.#lastWords())
      return Promise.resolve()
    }
    this.#isRefused = true
    this.#conversation.hold()
    this.#conversation.send(KIND.cold)
    return new Promise(() => undefined)
  }

  /** In the middle of its work, of a file that is the launcher's own: as long as nothing has come of that, the launcher does it by itself. */
  readonly #onOwnFile = (path: string): void => {
    const hasConnected = this.#thread.connections() > this.#connectionsBefore
    if (this.#isRefused || !this.#conversation.mayBeBegunAnew(hasConnected))
      throw failure({
        code: 'FILE_OF_OWN_PROCESS',
        kind: 'invalidArgument',
        summary: `"${path}" is another file to each process, or a pipe or device, and was met when a part of the work was done`,
        hint: 'run the command with TSCOMPOSE_COLD=1, which gives it a process of its own',
      })
    this.#goesCold = true
    process.exit(EXIT.ok)
  }

  #ifLost(streams: Edges['streams']): IfLost {
    return {
      tell: problem => this.#conversation.ifLost('tell', this.#lastWords(problem)),
      takeBack: () => this.#conversation.ifLost(this.#atFirst, this.#lastWords()),
      goOn: text => this.#conversation.ifLost('go on', text),
      passOn: (kind, bytes) => {
        // Whoever asks for it hears of its loss from then on.
        void streams[kind]
        this.#outputs[kind === 'stdout' ? 0 : 1].writeCounted(bytes)
      },
    }
  }

  /** For who is left alone with a command that has begun. */
  #lastWords({ diagnostics }: Failure = engineLost()): string {
    if (this.#command === undefined) return ''
    const { globals, env } = this.#command
    const color = useColor(globals, { isTTY: this.#outputs[1].isTTY === true }, env)
    return `${renderDiagnostics(diagnostics, { color })}\n`
  }

  /** Hears what the launcher says of the streams. */
  #listen(): void {
    const conversation = this.#conversation
    const outputs = this.#outputs
    const streamOf = (payload: Buffer): 0 | 1 => (numberAt(payload, 0) === 0 ? 0 : 1)
    conversation.on(KIND.written, payload => {
      const stream = streamOf(payload)
      conversation.written(stream, numberAt(payload, 1))
      outputs[stream].onRoom()
    })
    conversation.on(KIND.lost, payload => {
      const stream = streamOf(payload)
      conversation.written(stream, conversation.unsaid(stream))
      outputs[stream].onRoom()
      outputs[stream].onLost(numberAt(payload, 1))
      // The launcher takes no status from before that.
      conversation.send(KIND.heard)
      if (this.#isOver) setImmediate(() => this.#sayStatus())
    })
    conversation.on(KIND.size, payload => {
      for (const [index, output] of outputs.entries())
        output.onSize({ rows: numberAt(payload, index * 2), columns: numberAt(payload, index * 2 + 1) })
    })
  }

  /** Nothing keeps the thread any more: that is the command's end. */
  readonly #end = (): void => {
    if (this.isOver) return
    this.#isOver = true
    this.#conversation.hold()
    this.#sayStatus()
  }

  #sayStatus(): void {
    this.#conversation.send(KIND.status, numbers(Number(process.exitCode ?? 0)))
  }

  readonly #onExit = (): void => {
    if (this.#goesCold) return void parentPort?.postMessage('cold' satisfies WorkerWord)
    const unsent = this.#outputs.flatMap((output, stream) =>
      output.unsent.map(bytes => ({ stream: stream === 0 ? (0 as const) : (1 as const), bytes })),
    )
    parentPort?.postMessage(this.#conversation.tail(unsent))
  }
}
