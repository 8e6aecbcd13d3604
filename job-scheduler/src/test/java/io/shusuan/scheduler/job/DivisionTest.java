package io.shusuan.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.scheduler.job.Division.Flavour;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DivisionTest {

    private static final FlavourName H100 = new FlavourName("h100");
    private static final FlavourName SPOT = new FlavourName("h100-spot");

    private static Division division(Flavour... flavours) {
        return new Division(
                List.of(flavours), new Cohort(new CohortName("all"), 1, List.of(), List.of(), List.of()), Set.of());
    }

    @Test
    void aNodeIsOfTheFlavourThatNamesMostOfItsLabels() {
        var division = division(
                new Flavour(FlavourName.DEFAULT, Map.of()),
                new Flavour(SPOT, Map.of("gpu", "h100", "spot", "true")),
                new Flavour(H100, Map.of("gpu", "h100")));
        assertThat(division.flavourOf(Map.of("gpu", "h100", "zone", "a"))).contains(H100);
        assertThat(division.flavourOf(Map.of("gpu", "h100", "spot", "true"))).contains(SPOT);
        assertThat(division.flavourOf(Map.of("gpu", "a100", "spot", "true"))).contains(FlavourName.DEFAULT);
    }

    @Test
    void aNodeThatNoFlavourNamesTakesNoWork() {
        assertThat(division(new Flavour(H100, Map.of("gpu", "h100"))).flavourOf(Map.of()))
                .isEmpty();
    }
}
