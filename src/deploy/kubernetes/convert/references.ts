/**
 * A word or value as it is written for Kubernetes, which makes a variable's value of `$(NAME)` and one `$` of two in
 * commands, arguments, variables and the commands of probes (not in those of hooks). Compose has done with variables: all stays.
 */
export function escapeReferences(text: string): string {
  return text.replaceAll(/\$(?=[$(])/g, '$$$$')
}
