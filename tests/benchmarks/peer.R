# Reads a task a line and answers with its seconds, so that R and Python take turns within one run.
suppressMessages({ library(lme4); library(estimatr) })
d <- read.csv(commandArgs(TRUE)[1])
for (name in c("s", "d", "dept", "service", "lectage", "studage")) d[[name]] <- factor(d[[name]])
tasks <- list(
  A = function() lmer(y ~ 1 + (1 | s) + (1 | d), d),
  B = function() lmer(y ~ service + (1 | s) + (1 | d) + (1 | dept), d),
  CR2 = function() lm_robust(y ~ service + lectage + studage, d, clusters = d, se_type = "CR2")
)
input <- file("stdin", "r")
while (length(task <- readLines(input, 1)) > 0) {
  gc(FALSE)
  cat(system.time(tasks[[task]]())[["elapsed"]], "\n")
  flush(stdout())
}
