/* Settings of the sanitizer build: a process that nobody may trace cannot look for leaks, and has no environment. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0:abort_on_error=0:log_path=" SANITIZER_REPORTS;
}

const char *__ubsan_default_options(void)
{
	return "log_path=" SANITIZER_REPORTS;
}
