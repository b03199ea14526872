import { failure } from '../../diagnostics/index.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { renderBash } from '../shell/bash.ts'
import type { CommandLine } from '../shell/command-line.ts'
import { renderFish } from '../shell/fish.ts'
import { renderZsh } from '../shell/zsh.ts'

const SHELLS: Readonly<Record<string, (line: CommandLine) => string>> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
}

/** `tscompose completion`. */
export const command: Command = defineCommand({
  description:
    'Prints a script that completes commands, options and services. In bash, for this shell: source <(tscompose completion bash).\n' +
    'For zsh write it to a file _tscompose in a folder of fpath, for fish to ~/.config/fish/completions/tscompose.fish.',
  options: {},
  words: Object.keys(SHELLS),
  examples: [
    ['tscompose completion bash > /etc/bash_completion.d/tscompose', 'for everybody on this machine'],
  ],
  run: async (context, [shell = '']) => {
    const render = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
    if (render === undefined)
      throw failure({
        code: 'SHELL_UNKNOWN',
        kind: 'invalidArgument',
        summary: `name a shell: ${Object.keys(SHELLS).join(', ')}; got "${shell}"`,
      })
    context.streams.stdout.write(render(await context.commandLine()))
    return EXIT.ok
  },
})
