/** What a call of the docker CLI ended with. */
export interface Answer {
  readonly status: number
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

/** One line of a case: a call whose answer counts, or one that prepares. */
export interface Call {
  readonly command: string
  readonly prepares: boolean
  /** What Docker answers, normalised. */
  readonly answer: Answer
  /** Why ours answers otherwise, where it does. */
  readonly differs?: string
}

/** Calls that build on each other; each case begins with nothing but the image `busybox`. */
export interface Case {
  readonly title: string
  readonly calls: readonly Call[]
  /** What beside ids, times and addresses is not the same twice: pattern, and what stands for it. */
  readonly masks: readonly (readonly [RegExp, string])[]
}

const NO_ANSWER: Answer = { status: 0, stdout: [], stderr: [] }

/**
 * Reads a file of cases. Its lines begin with: `==` a case's title · `$` a call · `>` standard output · `!` standard error ·
 * `?` an exit status other than 0 · `:` a preparation, whose answer does not count · `~` a mask, `~ /pattern/ text` ·
 * `%` why ours differs · `#` a comment.
 */
export function parseCases(text: string): Case[] {
  return text
    .split(/^== /m)
    .slice(1)
    .map(block => {
      const [title = '', ...lines] = block.split('\n')
      return { title, ...parseLines(lines) }
    })
}

function parseLines(lines: readonly string[]): Pick<Case, 'calls' | 'masks'> {
  const calls: Call[] = []
  const masks: (readonly [RegExp, string])[] = []
  for (const line of lines) {
    const rest = line.slice(2)
    const last = calls.at(-1)
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('~')) masks.push(parseMask(rest))
    else if (/^[$:] /.test(line))
      calls.push({ command: rest, prepares: line.startsWith(':'), answer: NO_ANSWER })
    else if (last !== undefined) calls[calls.length - 1] = addLine(last, line[0] ?? '', rest)
  }
  return { calls, masks }
}

function addLine(call: Call, kind: string, rest: string): Call {
  const { answer } = call
  switch (kind) {
    case '>':
      return { ...call, answer: { ...answer, stdout: [...answer.stdout, rest] } }
    case '!':
      return { ...call, answer: { ...answer, stderr: [...answer.stderr, rest] } }
    case '?':
      return { ...call, answer: { ...answer, status: Number(rest) } }
    case '%':
      return { ...call, differs: rest }
    default:
      throw new Error(`a line of a case begins with ${kind}`)
  }
}

function parseMask(rest: string): readonly [RegExp, string] {
  const [, pattern = '', replacement = ''] = /^\/(.*)\/ (.*)$/.exec(rest) ?? []
  return [new RegExp(pattern, 'gm'), replacement]
}

/** The lines of a call's answer, as `parseCases` reads them. */
export function renderAnswer({ status, stdout, stderr }: Answer): string[] {
  return [
    ...stdout.map(line => `> ${line}`.trimEnd()),
    ...stderr.map(line => `! ${line}`.trimEnd()),
    ...(status === 0 ? [] : [`? ${status}`]),
  ]
}

/** The text of a file of cases with other answers in it: comments, masks and preparations stay. */
export function withAnswers(text: string, answers: ReadonlyMap<string, readonly Answer[]>): string {
  let title = ''
  let count = 0
  const lines = text.split('\n').flatMap(line => {
    if (line.startsWith('== ')) {
      title = line.slice(3)
      count = 0
    }
    const recorded = answers.get(title)
    if (recorded === undefined) return [line]
    if (/^[>!?]/.test(line)) return []
    if (!line.startsWith('$ ')) return [line]
    const answer = recorded[count++]
    return answer === undefined ? [line] : [line, ...renderAnswer(answer)]
  })
  return lines.join('\n')
}
