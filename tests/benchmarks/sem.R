# Reads a task a line and answers with its seconds, so that R and Python take turns within one run.
suppressMessages(library(lavaan))
folder <- commandArgs(TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
pupils <- read("holzinger_swineford"); nations <- read("political_democracy"); bfi <- read("bfi"); jobs <- read("jobs2")
models <- jsonlite::fromJSON(commandArgs(TRUE)[2])
answers <- bfi[complete.cases(bfi[, 1:25]), ]
items <- c(paste0("A", 1:5), paste0("C", 1:5))
tasks <- list(
  factors = function() cfa(models$factors, pupils),
  democracy = function() sem(models$democracy, nations),
  groups = function() cfa(models$factors, pupils, group = "school", group.equal = c("loadings", "intercepts")),
  robust = function() cfa(models$factors, pupils, estimator = "MLR"),
  fiml = function() cfa(models$traits, bfi, missing = "fiml"),
  ordered = function() cfa(models$two, answers, ordered = items),
  bootstrap = function() sem(models$jobs, jobs, se = "bootstrap", bootstrap = 1000)
)
input <- file("stdin", "r")
while (length(task <- readLines(input, 1)) > 0) {
  gc(FALSE)
  cat(system.time(suppressWarnings(tasks[[task]]()))[["elapsed"]], "\n")
  flush(stdout())
}
