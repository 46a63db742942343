# Answers each line with the seconds of so many bootstrap draws of a mediation, by the plain loop over lm.fit.
arguments <- commandArgs(TRUE)
jobs <- read.csv(arguments[1]); draws <- as.integer(arguments[2]); n <- nrow(jobs)
first <- cbind(1, as.matrix(jobs[c("treat", "econ_hard", "sex", "age")]))
second <- cbind(first, jobs$job_seek)
mediator <- jobs$job_seek; outcome <- jobs$depress2
bootstrapped <- function() {
  effects <- matrix(0, draws, 3)
  for (i in seq_len(draws)) {
    rows <- sample.int(n, n, replace = TRUE)
    a <- lm.fit(first[rows, ], mediator[rows])$coefficients[[2]]
    coefficients <- lm.fit(second[rows, ], outcome[rows])$coefficients
    indirect <- a * coefficients[[6]]
    effects[i, ] <- c(indirect, coefficients[[2]], indirect + coefficients[[2]])
  }
  list(sd = apply(effects, 2, sd), limits = apply(effects, 2, quantile, c(0.025, 0.975)))
}
input <- file("stdin", "r")
while (length(readLines(input, 1)) > 0) {
  gc(FALSE)
  cat(system.time(bootstrapped())[["elapsed"]], "\n")
  flush(stdout())
}
