package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void theMedianOfAnOddNumberIsTheMiddleValueWhateverTheOrder() {
        assertThat(Statistics.median(9, 1, 5)).isEqualTo(5);
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
        assertThat(Statistics.median(1, 2, 4, 100)).isEqualTo(3);
    }

    @Test
    void quantilesLieBetweenNeighbours() {
        assertThat(Statistics.quantile(0.25, 10, 20, 30)).isEqualTo(15);
        assertThat(Statistics.quantile(0.75, 10, 20, 30)).isEqualTo(25);
        assertThat(Statistics.quantile(1, 10, 20, 30)).isEqualTo(30);
    }

    @Test
    void oneValueIsItsOwnQuantiles() {
        assertThat(Statistics.quantile(0.25, 7)).isEqualTo(7);
    }

    @Test
    void noValuesHaveNoMedian() {
        assertThatThrownBy(Statistics::median).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPercentileIsAValueThatAtLeastThatShareDoesNotExceed() {
        long[] values = new long[200];
        for (int i = 0; i < 100; i++) {
            values[i] = 100 - i;
        }
        assertThat(Statistics.percentile(50, values.clone(), 100)).isEqualTo(50);
        assertThat(Statistics.percentile(99, values.clone(), 100)).isEqualTo(99);
        assertThat(Statistics.percentile(100, values.clone(), 100)).isEqualTo(100);
        assertThat(Statistics.percentile(99, new long[] {3}, 1)).isEqualTo(3);
    }
}
