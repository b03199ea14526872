import type { Answer, Case } from './transcript.ts'

/** What no two runs have in common, and what stands for it; in this order. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/sha256:[0-9a-f]{64}/g, 'sha256:<id>'],
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12}\b|\b\d{12}\b/g, '<short id>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} \w+/g, '<time>'],
  [/Less than a second ago|About a minute ago|\b(\d+|an?) (second|minute)s? ago/g, '<ago>'],
  [/Up (Less than a second|About a minute|(\d+|an?) (second|minute)s?)/g, 'Up <while>'],
  [/\b(172|10|192)(\.\d{1,3}){3}\b/g, '<ip>'],
  [/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>'],
  [/:(3[2-9]|[45]\d|6[0-5])\d{3}\b/g, ':<port>'],
  // The client's own sum, which depends on the name that it draws for a Dockerfile.
  [/(Sending build context to Docker daemon +)\S+/g, '$1<size>'],
]

/** What newer clients say of the builder before BuildKit. */
const DEPRECATION = /^DEPRECATED: The legacy builder is deprecated[^\n]*\n(?: +[^\n]*\n)*\n?/gm

/** What an older client says when an answer to its start comes before one to its wait, or not. */
const RACE = /^time="[^"]*" level=error msg="error waiting for container: context canceled"\n/gm

/** An answer without what no two runs have in common. `folder` is where the case ran. */
export function normalize(
  { masks }: Pick<Case, 'masks'>,
  folder: string,
  result: { readonly status: number; readonly stdout: string; readonly stderr: string },
): Answer {
  const lines = (text: string): string[] => {
    let masked = text.replaceAll('\r', '').replaceAll('\u001b', '<esc>').replaceAll(folder, '<folder>')
    for (const [pattern, replacement] of [...masks, ...MASKS])
      masked = masked.replaceAll(pattern, replacement)
    masked = masked.replaceAll(DEPRECATION, '').replaceAll(RACE, '')
    const all = masked.split('\n').map(line => line.replaceAll(/ {2,}/g, '  ').trimEnd())
    if (all.at(-1) === '') all.pop()
    return all
  }
  return { status: result.status, stdout: lines(result.stdout), stderr: lines(result.stderr) }
}
