"""Every exercise of ``09_reproduce`` solved as a student would: pandas and statsmodels, nothing of ours."""

SOLUTIONS = {
    "tie_difference": """
means = appraisals.groupby("tie")["score"].mean()
tie_difference = means[1] - means[0]
""",
    "tie_error": """
fit = smf.ols("score ~ tie", appraisals).fit(cov_type="cluster", cov_kwds={"groups": appraisals["employee"]})
tie_error = fit.bse["tie"]
""",
    "tie_effect": """
model = "score ~ tie + achievement + C(employee) + C(rater) + C(period)"
tie_effect = smf.ols(model, appraisals).fit().params["tie"]
""",
    "verdicts": """
def verdict(row):
    if row["supports"] == "above":
        inside, outside = row["low"] > row["limit"], row["high"] < row["limit"]
    else:
        inside, outside = row["high"] < row["limit"], row["low"] > row["limit"]
    return "didukung" if inside else "tidak didukung" if outside else "belum dapat disimpulkan"

relations, results = (verdict(row) for _, row in lesson.claims.iterrows())
""",
    "hours_slope": """
model = "achievement ~ hours + leadership + C(employee) + C(period)"
hours_slope = smf.ols(model, panel).fit().params["hours"]
""",
    "alpha": """
keyed = items.copy()
for item in lesson.reversed_items:
    keyed[item] = sum(lesson.scale) - keyed[item]
keyed = keyed.dropna()
k = keyed.shape[1]
alpha = k / (k - 1) * (1 - keyed.var().sum() / keyed.sum(axis=1).var())
""",
    "attenuation": """
reliability = world.data["culture_1"].corr(world.data["culture_2"])
attenuation = smf.ols("motivation ~ culture_1", world.data).fit().params["culture_1"] / reliability
""",
    "selection": """
gains = (world.data["after"] - world.data["before"]).groupby(world.data["joined"]).mean()
selection = gains[1] - gains[0]
""",
    "clusters": """
def my_interval(data):
    means = data.groupby("unit")[["programme", "achievement"]].mean()
    return smf.ols("achievement ~ programme", means).fit().conf_int().loc["programme"]
""",
    "common_method": """
r = world.data["culture"].corr(world.data["performance"])
m = world.data["culture"].corr(world.data["marker"])
common_method = (r - m) / (1 - m)
""",
    "own": """
outcome, exposure = people.columns[2], people.columns[1]
slope = smf.ols(f"{outcome} ~ {exposure} + C(unit)", people).fit().params[exposure]
""",
}
"""Code by exercise; the last line of its cell checks it."""
